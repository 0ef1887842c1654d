/** Texts and bytes up to this length are copied faster one by one than by a call. */
const SHORT = 24;

/**
 * Writes the wire formats of Protobuf and Avro into a buffer that grows. What was written last can
 * be taken back.
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #end = 0;
  readonly #lengthUnit: number;

  /** `lengthUnit`: what a byte adds to a length: 1 in Protobuf, 2 in Avro, whose integers are zigzag. */
  constructor(lengthUnit: 1 | 2 = 1) {
    this.#lengthUnit = lengthUnit;
  }

  /** The offset behind what was written. */
  get end(): number {
    return this.#end;
  }

  /** Takes back everything behind an offset. */
  rewind(end: number): void {
    this.#end = end;
  }

  /** A copy of everything that was written. */
  written(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#end));
  }

  /** Writes a whole number from 0 to 2^53. */
  varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    if (rest >= 0x8000_0000) {
      for (let group = 0; group < 4; group++) {
        this.#bytes[this.#end++] = (rest % 128) | 0x80;
        rest = Math.floor(rest / 128);
      }
    }
    while (rest >= 0x80) {
      this.#bytes[this.#end++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#end++] = rest;
  }

  /** Writes an integer of 64 bits, in two's complement when it is negative. */
  varint64(value: bigint): void {
    this.#reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest >= 0x80n) {
      this.#bytes[this.#end++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#end++] = Number(rest);
  }

  /** Writes an integer up to 2^52 away from zero, zigzag. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Writes an integer of 64 bits, zigzag. */
  zigzag64(value: bigint): void {
    this.varint64((value << 1n) ^ (value >> 63n));
  }

  /** Writes bytes as they are. */
  raw(source: Uint8Array, start = 0, end = source.length): void {
    this.#reserve(end - start);
    if (end - start <= SHORT)
      for (let at = start; at < end; at++)
        this.#bytes[this.#end++] = source[at] ?? 0;
    else {
      this.#bytes.set(source.subarray(start, end), this.#end);
      this.#end += end - start;
    }
  }

  /** Writes bytes behind their length. */
  bytes(source: Uint8Array, start: number, end: number): void {
    this.varint((end - start) * this.#lengthUnit);
    this.raw(source, start, end);
  }

  /** Writes a text behind its length, in UTF-8. */
  text(text: string): void {
    const start = this.open();
    this.utf8(text);
    this.close(start);
  }

  /** Writes a text in UTF-8, without a length. */
  utf8(text: string): void {
    this.#reserve(3 * text.length);
    if (text.length > SHORT || !this.#ascii(text))
      this.#end += this.#bytes.write(text, this.#end);
  }

  /** Begins a part that stands behind its length, and returns its offset for `close`. */
  open(): number {
    this.#reserve(1);
    return ++this.#end;
  }

  /** Ends the part that begins at `start`, and writes its length before it. */
  close(start: number): void {
    const bytes = this.#end - start;
    const length = bytes * this.#lengthUnit;
    const before = start - 1;
    if (length < 0x80) {
      this.#bytes[before] = length;
      return;
    }
    // The length takes more than the byte that was left for it.
    const more = bytesOf(length) - 1;
    this.#reserve(more);
    this.#bytes.copyWithin(start + more, start, this.#end);
    this.#end = before;
    this.varint(length);
    this.#end = start + more + bytes;
  }

  /** Moves what was written from `from` on to `to`, before what was written in between. */
  moveBack(from: number, to: number): void {
    const moved = Buffer.from(this.#bytes.subarray(from, this.#end));
    this.#bytes.copyWithin(to + moved.length, to, from);
    moved.copy(this.#bytes, to);
  }

  /**
   * Lets a library write at an offset. It returns the offset behind what it wrote, or a negative
   * number: by how many bytes the buffer is too small.
   */
  by(encode: (bytes: Buffer, at: number) => number): void {
    for (;;) {
      const end = encode(this.#bytes, this.#end);
      if (end >= 0) {
        this.#end = end;
        return;
      }
      this.#reserve(this.#bytes.length - end);
    }
  }

  /** Writes a text of ASCII characters; returns false, with nothing written, for another. */
  #ascii(text: string): boolean {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x80) return false;
      this.#bytes[this.#end + at] = code;
    }
    this.#end += text.length;
    return true;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#end + bytes));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

/** How many bytes a length takes. */
function bytesOf(length: number): number {
  let bytes = 1;
  for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
