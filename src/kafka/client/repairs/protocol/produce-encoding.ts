import { lookupCodec } from "kafkajs/src/protocol/message/compression/index.js";
import crc32c from "kafkajs/src/protocol/recordBatch/crc32C/index.js";
import type { ProduceRequest } from "../../cluster.ts";
import { recordBytes, type PlainRecord } from "./record-bytes.ts";
import { wrapRequests } from "./wrapped-requests.ts";

/** A produce request as kafkajs's brokers pass it to its encoder. */
export interface ProduceInput extends Omit<
  ProduceRequest,
  "topicData" | "producerId" | "transactionalId"
> {
  /** kafkajs's own producers pass a number or a Long in place of digits. */
  readonly producerId: string | number | { toString(): string };
  readonly transactionalId?: string | null;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly PartitionInput[];
  }[];
}

interface PartitionInput {
  readonly partition: number;
  readonly firstSequence: number;
  /** The time of the batch; kafkajs's own producers give each message its time instead. */
  readonly timestamp?: string;
  readonly messages: readonly PlainRecord[];
}

/** Stands for an encoder of kafkajs that has written everything. */
interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

/** The first version of the request whose batches have the format that is written here. */
const FROM_VERSION = 3;

/**
 * Makes kafkajs 2.2.4 encode produce requests by `encodeRequest`, into the same bytes. Its own encoder
 * allocates 512 bytes for each record, header and length, and copies each record six times. It still
 * encodes what its own producers send, whose batches have no time.
 */
export function replaceProduceEncoder(): void {
  wrapRequests("produce", ({ request }, input) => {
    const produced = input as ProduceInput;
    if (request.apiVersion < FROM_VERSION || !hasBatchTimes(produced))
      return {};
    return { request: { ...request, encode: () => encodeRequest(produced) } };
  });
}

function hasBatchTimes({ topicData }: ProduceInput): boolean {
  return topicData.every(({ partitions }) =>
    partitions.every(({ timestamp }) => timestamp !== undefined),
  );
}

/** A record batch whose records are encoded and packed. */
interface PackedBatch extends PartitionInput {
  readonly records: Buffer;
}

async function encodeRequest(input: ProduceInput): Promise<Encoded> {
  const { compression, topicData } = input;
  const topics: { topic: string; batches: PackedBatch[] }[] = [];
  for (const { topic, partitions } of topicData) {
    const batches: PackedBatch[] = [];
    for (const one of partitions)
      batches.push({
        ...one,
        records: await packedRecords(one.messages, compression),
      });
    topics.push({ topic, batches });
  }
  const { acks, timeout, transactionalId = null } = input;
  const text = new RequestBuffer(sizeOf(transactionalId, topics));
  text.string(transactionalId);
  text.int16(acks);
  text.int32(timeout);
  text.int32(topics.length);
  for (const { topic, batches } of topics) {
    text.string(topic);
    text.int32(batches.length);
    for (const batch of batches) text.batch(batch, input);
  }
  return { buf: text.buffer, buffer: text.buffer };
}

async function packedRecords(
  messages: readonly PlainRecord[],
  compression: number,
): Promise<Buffer> {
  const buffer = recordBytes(messages);
  const codec = lookupCodec(compression);
  return codec === null ? buffer : codec.compress({ buffer });
}

/** Number and size of a partition, and all of a batch before its records. */
const BATCH_HEAD_BYTES = 69;
/** From the beginning of a batch to what its length counts. */
const BEFORE_LENGTH_BYTES = 12;
const MAGIC = 2;
const TRANSACTIONAL = 0x10;

function sizeOf(
  transactionalId: string | null,
  topics: readonly { topic: string; batches: readonly PackedBatch[] }[],
): number {
  let bytes = 2 + Buffer.byteLength(transactionalId ?? "") + 2 + 4 + 4;
  for (const { topic, batches } of topics) {
    bytes += 2 + Buffer.byteLength(topic) + 4;
    for (const { records } of batches)
      bytes += BATCH_HEAD_BYTES + records.length;
  }
  return bytes;
}

/** Writes the fields of a produce request into a buffer of its exact size. */
class RequestBuffer {
  readonly buffer: Buffer;
  #at = 0;

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafe(size);
  }

  int16(value: number): void {
    this.#at = this.buffer.writeInt16BE(value, this.#at);
  }

  int32(value: number): void {
    this.#at = this.buffer.writeInt32BE(value, this.#at);
  }

  string(value: string | null): void {
    this.int16(value === null ? -1 : Buffer.byteLength(value));
    if (value !== null) this.#at += this.buffer.write(value, this.#at);
  }

  /** A partition with its record batch, in Kafka's format of version 2 (KIP-98). */
  batch(
    { partition, firstSequence, messages, records, ...batch }: PackedBatch,
    { compression, producerId, producerEpoch, transactionalId }: ProduceInput,
  ): void {
    const timestamp = BigInt(batch.timestamp ?? 0);
    const batchBytes = BATCH_HEAD_BYTES - 8 + records.length;
    this.int32(partition);
    this.int32(batchBytes);
    // The offset of the first record, which the broker sets.
    this.#int64(0n);
    this.int32(batchBytes - BEFORE_LENGTH_BYTES);
    // The leader's epoch, which the broker sets.
    this.int32(0);
    this.#at = this.buffer.writeInt8(MAGIC, this.#at);
    const crcAt = this.#at;
    this.int32(0);
    const from = this.#at;
    this.int16(
      compression | ((transactionalId ?? "") === "" ? 0 : TRANSACTIONAL),
    );
    this.int32(messages.length - 1);
    this.#int64(timestamp);
    this.#int64(timestamp);
    this.#int64(BigInt(String(producerId)));
    this.int16(producerEpoch);
    this.int32(firstSequence);
    this.int32(messages.length);
    this.buffer.set(records, this.#at);
    this.#at += records.length;
    const crc = crc32c(this.buffer.subarray(from, this.#at));
    this.buffer.writeUInt32BE(crc, crcAt);
  }

  #int64(value: bigint): void {
    this.#at = this.buffer.writeBigInt64BE(value, this.#at);
  }
}
