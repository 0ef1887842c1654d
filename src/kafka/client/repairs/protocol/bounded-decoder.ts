import { createRequire } from "node:module";
import { countField } from "./fetch-budget.ts";

interface Decoder {
  readonly buffer: Buffer;
  offset: number;
}

type Reader = (this: Decoder, ...args: unknown[]) => unknown;

const require = createRequire(import.meta.url);

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
 * Has kafkajs's decoder refuse, by a RangeError, what lies outside its buffer. On its own it reads
 * zeros behind the end, steps back by a negative length, and makes room for as many elements as an
 * array claims: a few bytes keep it busy for ever, or take all the memory.
 */
export function boundDecoder(): void {
  const { prototype } = require("kafkajs/src/protocol/decoder") as {
    prototype: Record<string, Reader>;
  };
  const original = (name: string): Reader => {
    const method = prototype[name];
    if (method === undefined)
      throw new Error(`this kafkajs is not 2.2.4: no ${name}`);
    return method;
  };
  for (const name of lengthReaders)
    prototype[name] = inBounds(original(name), name === "readVarIntBytes");
  prototype["forward"] = onwards(original("forward"));
  for (const [name, lengthOf] of arrayReaders)
    prototype[name] = ofPossibleLength(original(name), original(lengthOf));
}

function inBounds(read: Reader, isField: boolean): Reader {
  return function (...args) {
    const start = this.offset;
    const value = read.apply(this, args);
    if (this.offset < start || this.offset > this.buffer.length)
      throw new RangeError("it ends before what it announces");
    if (isField) countField();
    return value;
  };
}

/** An element takes a byte at least. */
function ofPossibleLength(read: Reader, readLength: Reader): Reader {
  return function (...args) {
    const start = this.offset;
    const length = Number(readLength.call(this));
    const bytesLeft = this.buffer.length - this.offset;
    this.offset = start;
    // The length of a compact array is one more than its elements.
    if (length - 1 > bytesLeft)
      throw new RangeError(
        `it announces ${length} elements, and has ${bytesLeft} more bytes`,
      );
    return read.apply(this, args);
  };
}

/** A record batch that was cut off is announced longer than it is, and left out; backwards goes nothing. */
function onwards(forward: Reader): Reader {
  return function (...args) {
    if (Number(args[0]) < 0)
      throw new RangeError(`it announces ${Number(args[0])} bytes`);
    return forward.apply(this, args);
  };
}
