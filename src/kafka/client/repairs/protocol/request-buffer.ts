import Encoder from "kafkajs/src/protocol/encoder.js";

/** The head that kafkajs writes before the fields takes 14 bytes and the client id, so it mostly fits. */
const HEAD_ROOM = 256;

/** Writes the fields of a request into a buffer of their size, behind room for the head of the request. */
export class RequestBuffer {
  readonly #bytes: Buffer;
  #start = HEAD_ROOM;
  #end = HEAD_ROOM;

  /** `size` is that of all fields. */
  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(HEAD_ROOM + size);
  }

  /** The bytes that are written so far. */
  get buffer(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** kafkajs takes only what has a buffer of this name for an encoder. */
  get buf(): Buffer {
    return this.buffer;
  }

  int8(value: number): void {
    this.#end = this.#bytes.writeInt8(value, this.#end);
  }

  int16(value: number): void {
    this.#end = this.#bytes.writeInt16BE(value, this.#end);
  }

  int32(value: number): void {
    this.#end = this.#bytes.writeInt32BE(value, this.#end);
  }

  int64(value: bigint): void {
    this.#end = this.#bytes.writeBigInt64BE(value, this.#end);
  }

  string(value: string | null): void {
    this.int16(value === null ? -1 : Buffer.byteLength(value));
    if (value !== null) this.#end += this.#bytes.write(value, this.#end);
  }

  bytes(value: Buffer): void {
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
  }

  /** Writes a part of the head before all that is written; false when the room does not suffice. */
  prepend(head: Buffer): boolean {
    if (head.length > this.#start) return false;
    this.#start -= head.length;
    this.#bytes.set(head, this.#start);
    return true;
  }
}

/**
 * Makes the encoders of kafkajs 2.2.4 write the two parts of a request's head into the room of its
 * `RequestBuffer`. They copy the whole request twice otherwise, each time into zeroed memory of up to
 * twice its size.
 */
export function writeHeadsInPlace(): void {
  const { writeEncoder } = Encoder.prototype;
  const requests = new WeakMap<object, RequestBuffer>();
  Encoder.prototype.writeEncoder = function (fields) {
    const request =
      fields instanceof RequestBuffer ? fields : requests.get(fields);
    if (request?.prepend(this.buffer) !== true)
      return writeEncoder.call(this, fields);
    this.buf = request.buffer;
    this.offset = this.buf.length;
    requests.set(this, request);
    return this;
  };
}
