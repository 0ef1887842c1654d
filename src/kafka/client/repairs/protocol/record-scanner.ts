/** Length, attributes, two deltas, key, value, and number of headers: one byte each at least. */
const SMALLEST_RECORD_BYTES = 7;

/** The numbers that are kept of each record: where it begins, its offset, and where its parts lie. */
const PLACES = 7;
const START = 0;
const OFFSET_DELTA = 1;
const KEY_AT = 2;
const KEY_END = 3;
const VALUE_AT = 4;
const VALUE_END = 5;
const HEADERS_AT = 6;

const NULL_LENGTH = -1;
/** The place of what is null. */
const NOWHERE = -1;

/**
 * Finds the records in the unpacked bytes of a batch, in Kafka's format of version 2 (KIP-98). Throws
 * a RangeError when one does not lie within them. Makes no object for a record: most are looked at
 * for their keys alone.
 */
export class RecordScanner {
  readonly #bytes: Buffer;
  readonly #places: Int32Array;
  #at = 0;
  #end = 0;
  #headerCount = 0;

  constructor(bytes: Buffer, count: number) {
    if (count < 0 || count * SMALLEST_RECORD_BYTES > bytes.length)
      throw new RangeError(
        `it announces ${count} records, and has ${bytes.length} bytes for them`,
      );
    this.#bytes = bytes;
    this.#places = new Int32Array(count * PLACES);
    for (let index = 0; index < count; index++) this.#scan(index * PLACES);
  }

  /** The number of headers in all records. */
  get headerCount(): number {
    return this.#headerCount;
  }

  offsetDelta(index: number): number {
    return this.#place(index, OFFSET_DELTA);
  }

  timestampDelta(index: number): number {
    this.#at = this.#place(index, START) + 1;
    this.#end = this.#bytes.length;
    return this.#varLong();
  }

  key(index: number): Buffer | null {
    return this.#part(this.#place(index, KEY_AT), this.#place(index, KEY_END));
  }

  value(index: number): Buffer | null {
    return this.#part(
      this.#place(index, VALUE_AT),
      this.#place(index, VALUE_END),
    );
  }

  headers(index: number): [string, Buffer | null][] {
    this.#at = this.#place(index, HEADERS_AT);
    this.#end = this.#bytes.length;
    const headers: [string, Buffer | null][] = [];
    for (let left = this.#varInt(); left > 0; left--) {
      const nameAt = this.#skipPart();
      const name = this.#bytes.toString("utf8", nameAt, this.#at);
      const valueAt = this.#skipPart();
      headers.push([name, this.#part(valueAt, this.#at)]);
    }
    return headers;
  }

  #place(index: number, what: number): number {
    return this.#places[index * PLACES + what] ?? 0;
  }

  #part(at: number, end: number): Buffer | null {
    return at === NOWHERE ? null : this.#bytes.subarray(at, end);
  }

  #scan(place: number): void {
    const places = this.#places;
    this.#end = this.#bytes.length;
    const size = this.#varInt();
    const start = this.#at;
    const end = start + size;
    if (size < 0 || end > this.#bytes.length) throw outOfBounds();
    this.#end = end;
    places[place + START] = start;
    this.#step(1); // attributes, of which there are none
    this.#varLong();
    places[place + OFFSET_DELTA] = this.#varInt();
    places[place + KEY_AT] = this.#skipPart();
    places[place + KEY_END] = this.#at;
    places[place + VALUE_AT] = this.#skipPart();
    places[place + VALUE_END] = this.#at;
    places[place + HEADERS_AT] = this.#at;
    const headers = this.#varInt();
    for (let header = 0; header < headers; header++) {
      if (this.#skipPart() === NOWHERE) throw outOfBounds();
      this.#skipPart();
    }
    this.#headerCount += Math.max(0, headers);
    this.#at = end;
  }

  /** Returns where it begins; it ends where the next one is read from. */
  #skipPart(): number {
    const length = this.#varInt();
    if (length === NULL_LENGTH) return NOWHERE;
    if (length < 0) throw outOfBounds();
    const at = this.#at;
    this.#step(length);
    return at;
  }

  #step(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#end) throw outOfBounds();
  }

  #varInt(): number {
    let bits = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      bits |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (bits >>> 1) ^ -(bits & 1);
    }
    throw outOfBounds();
  }

  /** Exact for numbers up to 2^52, which no time in milliseconds goes beyond. */
  #varLong(): number {
    let sum = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      sum += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return sum % 2 === 0 ? sum / 2 : -(sum + 1) / 2;
    }
    throw outOfBounds();
  }

  #byte(): number {
    if (this.#at >= this.#end) throw outOfBounds();
    return this.#bytes[this.#at++] ?? 0;
  }
}

function outOfBounds(): RangeError {
  return new RangeError("a record goes beyond its bounds");
}
