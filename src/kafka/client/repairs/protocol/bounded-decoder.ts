import KafkaDecoder from "kafkajs/src/protocol/decoder.js";

interface Decoder {
  readonly buffer: Buffer;
  offset: number;
}

type Reader = (this: Decoder, ...args: unknown[]) => unknown;

const lengthReaders = [
  "readString",
  "readVarIntString",
  "readUVarIntString",
  "readBytes",
  "readVarIntBytes",
  "readUVarIntBytes",
  "readVarInt",
  "readUVarInt",
  "readVarLong",
  "readInt64",
] as const;

const arrayReaders = [
  ["readArray", "readInt32"],
  ["readArrayAsync", "readInt32"],
  ["readVarIntArray", "readVarInt"],
  ["readUVarIntArray", "readUVarInt"],
] as const;

/**
 * Makes the decoder of kafkajs throw a RangeError for what lies outside its buffer. Without it, it
 * reads zeros behind the end, steps back by a negative length, and allocates as many elements as an
 * array announces: a few bytes keep it busy for ever, or take all memory.
 */
export function boundDecoder(): void {
  const prototype = KafkaDecoder.prototype as unknown as Record<string, Reader>;
  const original = (name: string): Reader => {
    const method = prototype[name];
    if (method === undefined)
      throw new Error(`this kafkajs is not 2.2.4: no ${name}`);
    return method;
  };
  for (const name of lengthReaders) prototype[name] = inBounds(original(name));
  prototype["forward"] = onwards(original("forward"));
  for (const [name, lengthOf] of arrayReaders)
    prototype[name] = ofPossibleLength(original(name), original(lengthOf));
}

function inBounds(read: Reader): Reader {
  return function (...args) {
    const start = this.offset;
    const value = read.apply(this, args);
    if (this.offset < start || this.offset > this.buffer.length)
      throw new RangeError("it ends before what it announces");
    return value;
  };
}

/** Refuses an array that announces more elements than bytes follow: each element has at least one. */
function ofPossibleLength(read: Reader, readLength: Reader): Reader {
  return function (...args) {
    const start = this.offset;
    const length = Number(readLength.call(this));
    const bytesLeft = this.buffer.length - this.offset;
    this.offset = start;
    // A compact array announces one more than it has.
    if (length - 1 > bytesLeft)
      throw new RangeError(
        `it announces ${length} elements, and has ${bytesLeft} more bytes`,
      );
    return read.apply(this, args);
  };
}

/** Refuses a step backwards. A step behind the end is right: a record batch may be cut off. */
function onwards(forward: Reader): Reader {
  return function (...args) {
    if (Number(args[0]) < 0)
      throw new RangeError(`it announces ${Number(args[0])} bytes`);
    return forward.apply(this, args);
  };
}
