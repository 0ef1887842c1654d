import { hash } from "node:crypto";
import { cutText } from "../../lib/text/cut-text.ts";
import { RecordFault } from "../../domain/faults.ts";

/** The longest key of a published record, in bytes of UTF-8. */
const MAX_KEY_BYTES = 32 * 1_024;
/** How much of a longer key its dead letter's key begins with. */
const KEPT_BYTES = 1_024;

/** Why no record may have the key; null when one may. */
export function keyFault(key: string): RecordFault | null {
  return isTooLong(key)
    ? new RecordFault(
        "route",
        `the record's key has ${Buffer.byteLength(key)} bytes, and at most ${MAX_KEY_BYTES} are allowed`,
      )
    : null;
}

/** The key of a dead letter: the record's own, or one that stands for it when that is too long. */
export function deadLetterKey(key: string): string {
  return isTooLong(key)
    ? `${cutText(key, KEPT_BYTES)}:sha256:${hash("sha256", key, "hex")}`
    : key;
}

function isTooLong(key: string): boolean {
  return (
    key.length * 3 > MAX_KEY_BYTES && Buffer.byteLength(key) > MAX_KEY_BYTES
  );
}
