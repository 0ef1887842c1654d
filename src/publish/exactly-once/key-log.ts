const LENGTH_BYTES = 4;
/** Set in the length of a key that is no valid Unicode, which UTF-8 would change. */
const UTF16 = 0x8000_0000;

/** Acknowledgement keys in the order they came, each behind its length in one buffer. */
export class KeyLog {
  #buffer: Buffer;
  #end = 0;
  size = 0;

  /** `bytes` is the room to begin with. */
  constructor(bytes: number) {
    this.#buffer = Buffer.alloc(bytes);
  }

  /** What it takes of the memory. */
  get bytes(): number {
    return this.#buffer.length;
  }

  add(key: string): void {
    const isText = key.isWellFormed();
    const bytes = Buffer.from(key, isText ? "utf8" : "utf16le");
    const end = this.#end + LENGTH_BYTES + bytes.length;
    if (end > this.#buffer.length) this.#grow(end);
    const length = bytes.length + (isText ? 0 : UTF16);
    this.#buffer.writeUInt32LE(length, this.#end);
    bytes.copy(this.#buffer, this.#end + LENGTH_BYTES);
    this.#end = end;
    this.size++;
  }

  /** The keys but for the first `skipped`. */
  keys(skipped = 0): string[] {
    const found: string[] = [];
    let at = 0;
    for (let place = 0; at < this.#end; place++) {
      const length = this.#buffer.readUInt32LE(at);
      const isText = length < UTF16;
      const end = at + LENGTH_BYTES + (isText ? length : length - UTF16);
      if (place >= skipped)
        found.push(
          this.#buffer.toString(
            isText ? "utf8" : "utf16le",
            at + LENGTH_BYTES,
            end,
          ),
        );
      at = end;
    }
    return found;
  }

  #grow(atLeast: number): void {
    const { length } = this.#buffer;
    const larger = Buffer.alloc(Math.max(length + (length >> 2), atLeast));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}
