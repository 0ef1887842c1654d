import { v5 as uuidV5 } from "uuid";

/** The namespace of sell-kafka's device UUIDs; changing it makes every connector a new device. */
const DEVICE_NAMESPACE = "6f0ae9b1-5c0e-5d0b-9a8e-3f6f3a1f7c42";

/**
 * The device under which Sell keeps what this connector has acknowledged. Derived, so that
 * nothing has to be stored; another cluster, name, pattern or epoch is another device and
 * is sent everything.
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

/** The device of a run that prints its events and never acknowledges: it needs no cluster. */
export function printingDeviceUuid(name: string, epoch: number): string {
  return uuidV5(`${name}\n${epoch}`, DEVICE_NAMESPACE);
}

/**
 * The device of audits, told apart from the connector's own. It never acknowledges, so Sell
 * hands everything out to it each time.
 */
export function auditorDeviceUuid(connectorDevice: string): string {
  return uuidV5(`${connectorDevice}\naudit`, DEVICE_NAMESPACE);
}
