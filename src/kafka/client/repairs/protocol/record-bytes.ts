/** A record as it is passed to kafkajs. Every header has one text. */
export interface PlainRecord {
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longer texts are measured and written by Node.js: its calls cost more than so many steps here. */
const LONGEST_SHORT_TEXT = 96;
const SMALLEST_SCRATCH = 65_536;
const LARGEST_KEPT_SCRATCH = 4 * 1_048_576;

/** Two lengths of a record are written before what they measure is known to be ASCII. */
const MOST_BYTES_PER_CHARACTER = 3;
const LENGTH_BYTES = 5;

let scratch = Buffer.allocUnsafeSlow(SMALLEST_SCRATCH);
let end = 0;

/**
 * Encodes the records of a batch, one behind the other, in Kafka's format of version 2 (KIP-98): the
 * same bytes as kafkajs writes. All have the time of the batch. The next call writes over the result.
 */
export function recordBytes(records: readonly PlainRecord[]): Buffer {
  end = 0;
  for (let delta = 0; delta < records.length; delta++) {
    const record = records[delta];
    if (record !== undefined) writeRecord(record, delta);
  }
  const bytes = scratch.subarray(0, end);
  if (scratch.length > LARGEST_KEPT_SCRATCH)
    scratch = Buffer.allocUnsafeSlow(SMALLEST_SCRATCH);
  return bytes;
}

function writeRecord(
  { key, value, headers = {} }: PlainRecord,
  offsetDelta: number,
): void {
  makeRoom(6 * LENGTH_BYTES + roomFor(key) + roomFor(value));
  // The length comes first: its own size is guessed, and what follows is moved when that was wrong.
  const start = end;
  const guessed = varIntSize(expectedSize(key, value));
  end += guessed;
  const body = end;
  // No attributes, and no difference to the time of the batch.
  scratch[end++] = 0;
  scratch[end++] = 0;
  writeVarInt(offsetDelta);
  writeContent(key);
  writeContent(value);
  const names = Object.keys(headers);
  writeVarInt(names.length);
  for (const name of names) {
    const text = headers[name] ?? "";
    makeRoom(2 * LENGTH_BYTES + roomFor(name) + roomFor(text));
    writeText(name);
    writeText(text);
  }
  const size = end - body;
  const needed = varIntSize(size);
  if (needed !== guessed) {
    makeRoom(LENGTH_BYTES);
    scratch.copyWithin(start + needed, body, end);
  }
  end = start;
  writeVarInt(size);
  end += size;
}

/** Most records have headers of some 200 bytes. */
function expectedSize(
  key: Buffer | string | null,
  value: Buffer | string | null,
): number {
  return 200 + (key?.length ?? 0) + (value?.length ?? 0);
}

function roomFor(content: Buffer | string | null): number {
  if (content === null) return 0;
  return typeof content === "string"
    ? content.length * MOST_BYTES_PER_CHARACTER
    : content.length;
}

function makeRoom(bytes: number): void {
  if (end + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafeSlow(
    Math.max(end + bytes, scratch.length * 2),
  );
  larger.set(scratch.subarray(0, end));
  scratch = larger;
}

function writeContent(content: Buffer | string | null): void {
  if (content === null) writeVarInt(-1);
  else if (typeof content === "string") writeText(content);
  else {
    writeVarInt(content.length);
    scratch.set(content, end);
    end += content.length;
  }
}

/** Writes the length of a text, and the text as UTF-8. */
function writeText(text: string): void {
  const { length } = text;
  if (length <= LONGEST_SHORT_TEXT && writeAscii(text)) return;
  writeVarInt(Buffer.byteLength(text));
  end += scratch.write(text, end);
}

/** Returns false, and writes nothing, when the text is not ASCII. */
function writeAscii(text: string): boolean {
  const start = end;
  writeVarInt(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) {
      end = start;
      return false;
    }
    scratch[end++] = code;
  }
  return true;
}

function writeVarInt(value: number): void {
  let rest = zigZag(value);
  while (rest > 0x7f) {
    scratch[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  scratch[end++] = rest;
}

function varIntSize(value: number): number {
  let rest = zigZag(value) >>> 7;
  let size = 1;
  while (rest > 0) {
    size++;
    rest >>>= 7;
  }
  return size;
}

function zigZag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
