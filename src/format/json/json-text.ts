import type { Change } from "../../domain/change.ts";
import type { Origin } from "../encoder.ts";
import { sourceOf, type SourceBlock } from "../source.ts";

/**
 * A change in Debezium's envelope, after `prefix`. It is put together as text, so that every digit
 * of the record stays as Sell sent it.
 */
export function envelopeText(
  change: Change,
  origin: Origin,
  prefix: Buffer = NOTHING,
): Buffer {
  const { data, op, takenAtMs } = change;
  const isDelete = op === "d";
  const head = isDelete ? '{"before":' : '{"before":null,"after":';
  const tail = `${isDelete ? ',"after":null' : ""},"source":${sourceText(sourceOf(change, origin))},"op":"${op}","ts_ms":${takenAtMs}}`;
  const start = prefix.length + head.length;
  const text = Buffer.allocUnsafe(
    start + data.length + Buffer.byteLength(tail),
  );
  text.set(prefix);
  text.write(head, prefix.length, "latin1");
  text.set(data, start);
  text.write(tail, start + data.length);
  return text;
}

const NOTHING = Buffer.alloc(0);

/** A revision beyond 2^53 keeps its digits too. */
function sourceText(source: SourceBlock): string {
  const { revision } = source;
  if (typeof revision !== "bigint") return JSON.stringify(source);
  // Quotes within a string are escaped, so only the member itself is found.
  return JSON.stringify({ ...source, revision: null }).replace(
    '"revision":null',
    `"revision":${revision}`,
  );
}
