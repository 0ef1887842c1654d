import { sellHeaders } from "../headers.ts";
import type { Envelope } from "./envelope.ts";

/** Debezium's envelope; a tombstone follows each delete, for compacted topics. */
export const change: Envelope = {
  summary: "Debezium's fields",
  shape: "envelope",
  createEncode:
    ({ values, origin, tombstones }) =>
    (change, topic) => {
      const headers = sellHeaders(change, origin.connectorName);
      const value = values.envelope(change, topic);
      return change.op === "d" && tombstones
        ? [
            { value, headers },
            { value: null, headers },
          ]
        : [{ value, headers }];
    },
};
