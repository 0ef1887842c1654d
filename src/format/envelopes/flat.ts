import { sellHeaders } from "../headers.ts";
import type { Envelope } from "./envelope.ts";

/** The record alone; a delete is a tombstone. */
export const flat: Envelope = {
  summary: "the bare record, a deletion is a tombstone",
  shape: "row",
  createEncode:
    ({ values, origin }) =>
    (change, topic) => [
      {
        value: change.op === "d" ? null : values.row(change, topic),
        headers: sellHeaders(change, origin.connectorName),
      },
    ],
};
