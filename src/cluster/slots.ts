import { hash } from "node:crypto";

/** The slot of a connector: the same on every instance, whatever other connectors there are. */
export function slotOf(connectorName: string, slots: number): number {
  return hash("md5", connectorName, "buffer").readUInt32BE(0) % slots;
}
