import { v5 as uuidV5 } from "uuid";

/** The namespace of sell-kafka's device UUIDs; changing it makes every connector a new device. */
const DEVICE_NAMESPACE = "6f0ae9b1-5c0e-5d0b-9a8e-3f6f3a1f7c42";

/**
 * The device UUID under which Sell remembers what this connector acknowledged. It is derived, so
 * nothing is stored; with another cluster, name, pattern or epoch Sell sends everything again.
 */
export function deviceUuid(identity: {
  readonly clusterId: string;
  readonly name: string;
  readonly topicsPattern: string;
  readonly epoch: number;
}): string {
  const { clusterId, name, topicsPattern, epoch } = identity;
  return uuidV5(
    `${clusterId}\n${name}\n${topicsPattern}\n${epoch}`,
    DEVICE_NAMESPACE,
  );
}

/** The device UUID of `--stdout`, which has no cluster and never acknowledges. */
export function printingDeviceUuid(name: string, epoch: number): string {
  return uuidV5(`${name}\n${epoch}`, DEVICE_NAMESPACE);
}

/**
 * The device UUID of audits, another than the connector's own. It never acknowledges, so Sell hands
 * everything out to it each time.
 */
export function auditorDeviceUuid(connectorDevice: string): string {
  return uuidV5(`${connectorDevice}\naudit`, DEVICE_NAMESPACE);
}
