import type { IHeaders } from "kafkajs";
import { lookupCodecByAttributes } from "kafkajs/src/protocol/message/compression/index.js";
import type { FetchedBatch } from "../../fetched.ts";
import { countFields } from "./fetch-budget.ts";
import { RecordScanner } from "./record-scanner.ts";

/** Positions in a batch, see KIP-98. */
const LENGTH_AT = 8;
const BEFORE_LENGTH_BYTES = 12;
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const BASE_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const COUNT_AT = 57;
const HEAD_BYTES = 61;

const MAGIC = 2;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** Null when another program wrote none, though kafkajs's types have no such header. */
type HeaderValue = Buffer | null;

/**
 * A record batch in Kafka's format of version 2, unpacked. Each key, value and header is known to
 * lie within its bytes, and becomes an object when it is asked for.
 */
export class RecordBatch implements FetchedBatch {
  readonly baseOffset: bigint;
  readonly nextOffset: bigint;
  readonly producerId: string;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly length: number;
  readonly #baseTimestampMs: number;
  /** The time of all records when the broker has set it; null when each has its own. */
  readonly #appendedMs: number | null;
  readonly #records: RecordScanner;

  private constructor(head: Buffer, records: Buffer) {
    const attributes = head.readInt16BE(ATTRIBUTES_AT);
    this.baseOffset = head.readBigInt64BE(0);
    this.nextOffset =
      this.baseOffset + BigInt(head.readInt32BE(LAST_OFFSET_DELTA_AT)) + 1n;
    this.producerId = String(head.readBigInt64BE(PRODUCER_ID_AT));
    this.isTransactional = (attributes & TRANSACTIONAL) !== 0;
    this.isControl = (attributes & CONTROL) !== 0;
    this.length = head.readInt32BE(COUNT_AT);
    this.#baseTimestampMs = Number(head.readBigInt64BE(BASE_TIMESTAMP_AT));
    this.#appendedMs =
      (attributes & LOG_APPEND_TIME) === 0
        ? null
        : Number(head.readBigInt64BE(MAX_TIMESTAMP_AT));
    // The budget limits for how many records the scanner makes room.
    countFields(2 * this.length);
    this.#records = new RecordScanner(records, this.length);
    countFields(this.#records.headerCount);
  }

  /** Unpacks a whole batch. Throws a RangeError when its contents are not what it announces. */
  static async of(batch: Buffer): Promise<RecordBatch> {
    const packed = batch.subarray(HEAD_BYTES);
    const codec = lookupCodecByAttributes(batch.readInt16BE(ATTRIBUTES_AT));
    // A batch that compaction has emptied holds nothing to unpack.
    const isPacked = codec !== null && batch.readInt32BE(COUNT_AT) > 0;
    return new RecordBatch(
      batch,
      isPacked ? await codec.decompress(packed) : packed,
    );
  }

  offsetOf(index: number): bigint {
    return this.baseOffset + BigInt(this.#records.offsetDelta(index));
  }

  timestampMsOf(index: number): number {
    return (
      this.#appendedMs ??
      this.#baseTimestampMs + this.#records.timestampDelta(index)
    );
  }

  keyOf(index: number): Buffer | null {
    return this.#records.key(index);
  }

  valueOf(index: number): Buffer | null {
    return this.#records.value(index);
  }

  headersOf(index: number): IHeaders {
    const headers = new Map<string, HeaderValue | HeaderValue[]>();
    for (const [name, value] of this.#records.headers(index)) {
      const before = headers.get(name);
      if (before === undefined) headers.set(name, value);
      else if (Array.isArray(before)) before.push(value);
      else headers.set(name, [before, value]);
    }
    return Object.fromEntries(headers) as IHeaders;
  }
}

/**
 * Unpacks the batches of a fetch; the last one may be cut off, and is left out then. Throws a
 * RangeError for one that is not what it announces, or is of the format before Kafka 0.11.
 */
export async function recordBatchesIn(bytes: Buffer): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for (let at = 0; at + BEFORE_LENGTH_BYTES <= bytes.length;) {
    const size = BEFORE_LENGTH_BYTES + bytes.readInt32BE(at + LENGTH_AT);
    if (size <= MAGIC_AT)
      throw new RangeError(`a record batch announces ${size} bytes`);
    if (at + size > bytes.length) break;
    const magic = bytes.readInt8(at + MAGIC_AT);
    if (magic !== MAGIC)
      throw new RangeError(
        `its records are in format ${magic}, and only format ${MAGIC} can be read, which brokers write since Kafka 0.11`,
      );
    if (size < HEAD_BYTES)
      throw new RangeError(`a record batch announces ${size} bytes`);
    batches.push(await RecordBatch.of(bytes.subarray(at, at + size)));
    at += size;
  }
  return batches;
}
