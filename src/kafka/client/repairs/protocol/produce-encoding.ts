import { lookupCodec } from "kafkajs/src/protocol/message/compression/index.js";
import crc32c from "kafkajs/src/protocol/recordBatch/crc32C/index.js";
import type { ProduceRequest } from "../../cluster.ts";
import { recordBytes, type PlainRecord } from "./record-bytes.ts";
import { RequestBuffer, writeHeadsInPlace } from "./request-buffer.ts";
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

/** The first version of the request whose batches have the format that is written here. */
const FROM_VERSION = 3;

/**
 * Makes kafkajs 2.2.4 encode produce requests by `encodeRequest`, into the same bytes. Its own encoder
 * allocates 512 bytes for each record, header and length, and copies each record six times. It still
 * encodes what its own producers send, whose batches have no time.
 */
export function replaceProduceEncoder(): void {
  writeHeadsInPlace();
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

async function encodeRequest(input: ProduceInput): Promise<RequestBuffer> {
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
  const request = new RequestBuffer(sizeOf(transactionalId, topics));
  request.string(transactionalId);
  request.int16(acks);
  request.int32(timeout);
  request.int32(topics.length);
  for (const { topic, batches } of topics) {
    request.string(topic);
    request.int32(batches.length);
    for (const batch of batches) writeBatch(request, batch, input);
  }
  return request;
}

async function packedRecords(
  messages: readonly PlainRecord[],
  compression: number,
): Promise<Buffer> {
  const buffer = recordBytes(messages);
  const codec = lookupCodec(compression);
  return codec === null ? Buffer.from(buffer) : codec.compress({ buffer });
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

/** Writes a partition with its record batch, in Kafka's format of version 2 (KIP-98). */
function writeBatch(
  request: RequestBuffer,
  { partition, firstSequence, messages, records, ...batch }: PackedBatch,
  { compression, producerId, producerEpoch, transactionalId }: ProduceInput,
): void {
  const timestamp = BigInt(batch.timestamp ?? 0);
  const batchBytes = BATCH_HEAD_BYTES - 8 + records.length;
  request.int32(partition);
  request.int32(batchBytes);
  // The offset of the first record, which the broker sets.
  request.int64(0n);
  request.int32(batchBytes - BEFORE_LENGTH_BYTES);
  // The leader's epoch, which the broker sets.
  request.int32(0);
  request.int8(MAGIC);
  const crcAt = request.buffer.length;
  request.int32(0);
  request.int16(
    compression | ((transactionalId ?? "") === "" ? 0 : TRANSACTIONAL),
  );
  request.int32(messages.length - 1);
  request.int64(timestamp);
  request.int64(timestamp);
  request.int64(BigInt(String(producerId)));
  request.int16(producerEpoch);
  request.int32(firstSequence);
  request.int32(messages.length);
  request.bytes(records);
  const { buffer } = request;
  buffer.writeUInt32BE(crc32c(buffer.subarray(crcAt + 4)), crcAt);
}
