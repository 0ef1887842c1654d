import Decoder from "kafkajs/src/protocol/decoder.js";
import type { Fetched, FetchedBatch } from "../../fetched.ts";
import { recordBatchesIn } from "./record-batch.ts";
import { wrapRequests } from "./wrapped-requests.ts";

/** The first version of the request whose answer has record batches of format 2. */
const FROM_VERSION = 4;

/** The first versions whose answers have these fields. */
const LOG_START_SINCE = 5;
const SESSION_SINCE = 7;
const CLIENT_THROTTLES_SINCE = 8;
const PREFERRED_REPLICA_SINCE = 11;

/**
 * Makes kafkajs 2.2.4 decode the answers to fetches by `decodeAnswer`. Its own decoder makes 1.2 KB of
 * objects for each record, also for those that nobody looks at.
 */
export function replaceFetchDecoder(): void {
  wrapRequests("fetch", ({ request: { apiVersion }, response }) =>
    apiVersion < FROM_VERSION
      ? {}
      : {
          response: {
            ...response,
            decode: (payload) => decodeAnswer(payload, apiVersion),
          },
        },
  );
}

/** A partition of an answer. The consumers of kafkajs look at its messages. */
interface FetchedPartition extends Fetched {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly messages: readonly Message[];
}

/** A record in the form in which the consumers of kafkajs take it. */
interface Message {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: object;
  readonly isControlRecord: boolean;
  readonly batchContext: {
    readonly producerId: string;
    readonly inTransaction: boolean;
  };
}

interface Answer {
  readonly clientSideThrottleTime: number;
  readonly responses: readonly {
    readonly topicName: string | null;
    readonly partitions: readonly FetchedPartition[];
  }[];
}

async function decodeAnswer(payload: Buffer, version: number): Promise<Answer> {
  const reader = new Decoder(payload);
  const throttleMs = reader.readInt32();
  const session = version >= SESSION_SINCE && {
    errorCode: reader.readInt16(),
    sessionId: reader.readInt32(),
  };
  const responses = await reader.readArrayAsync(async (topic) => ({
    topicName: topic.readString(),
    partitions: await topic.readArrayAsync((partition) =>
      decodePartition(partition, version),
    ),
  }));
  // Older brokers waited before they answered.
  const clientSideThrottleTime =
    version < CLIENT_THROTTLES_SINCE ? 0 : throttleMs;
  return { clientSideThrottleTime, ...session, responses };
}

async function decodePartition(
  reader: Decoder,
  version: number,
): Promise<FetchedPartition> {
  const partition = reader.readInt32();
  const errorCode = reader.readInt16();
  const highWatermark = reader.readInt64().toString();
  const lastStableOffset = reader.readInt64().toString();
  if (version >= LOG_START_SINCE) reader.readInt64();
  const abortedTransactions = reader.readArray((aborted) => ({
    producerId: aborted.readInt64().toString(),
    firstOffset: aborted.readInt64().toString(),
  }));
  if (version >= PREFERRED_REPLICA_SINCE) reader.readInt32();
  const batches = await recordBatchesIn(reader.readBytes() ?? Buffer.alloc(0));
  return {
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    abortedTransactions,
    batches,
    get messages() {
      return batches.flatMap(messagesOf);
    },
  };
}

function messagesOf(batch: FetchedBatch): Message[] {
  const { producerId, isTransactional, isControl } = batch;
  const batchContext = { producerId, inTransaction: isTransactional };
  return Array.from({ length: batch.length }, (_, index) => ({
    magicByte: 2,
    attributes: 0,
    timestamp: String(batch.timestampMsOf(index)),
    offset: String(batch.offsetOf(index)),
    key: batch.keyOf(index),
    value: batch.valueOf(index),
    headers: batch.headersOf(index),
    isControlRecord: isControl,
    batchContext,
  }));
}
