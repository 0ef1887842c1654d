import { createHash } from "node:crypto";
import { cutText } from "../lib/text/cut-text.ts";
import type { DeadLetter } from "./dead-letter.ts";

/** The common facts of dead letters that one change would cure. */
export interface DeadLetterCause {
  /** Names the cause in commands: eight hexadecimal digits, the same on every day and machine. */
  readonly id: string;
  readonly connector: string | null;
  readonly stage: string;
  readonly class: string | null;
  /** The reason without what differs from record to record: names, numbers and quoted texts. */
  readonly message: string;
}

const LONGEST_MESSAGE_BYTES = 500;
const ID_DIGITS = 8;

const QUOTED = /"(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`/g;
const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;
/** Also within a word, such as `Contact-12-3`, but not in names such as `MESSAGE_10_TOO`. */
const NUMBER = /(?<![A-Z_])\d[\d.,:TZ+-]*(?<![.,:+-])/g;

export function causeOf(deadLetter: DeadLetter): DeadLetterCause {
  const { connector, stage, class: errorClass } = deadLetter;
  const message = commonMessage(deadLetter);
  const facts = JSON.stringify([connector, stage, errorClass, message]);
  const id = createHash("sha256")
    .update(facts)
    .digest("hex")
    .slice(0, ID_DIGITS);
  return { id, connector, stage, class: errorClass, message };
}

function commonMessage({
  reason,
  type,
  key,
  originalTopic,
  headers,
}: DeadLetter): string {
  const own = [originalTopic, headers["sell.ack_key"], key, type];
  let text = cutText(reason, LONGEST_MESSAGE_BYTES);
  for (const name of own)
    if (name !== null && name !== undefined && name !== "")
      text = withoutName(text, name);
  return text
    .replaceAll(QUOTED, "…")
    .replaceAll(UUID, "…")
    .replaceAll(NUMBER, "…")
    .replaceAll(/…(?:[\s,]*…)+/g, "…");
}

/** Replaces a name where it stands as a whole word. */
function withoutName(text: string, name: string): string {
  const escaped = name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  return text.replaceAll(
    new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, "gu"),
    "…",
  );
}
