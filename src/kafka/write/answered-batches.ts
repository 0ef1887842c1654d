import { errorTypeOf, refusalOf } from "../client/errors.ts";
import {
  answersBehind,
  toPartitionAnswers,
  createCodeError,
  type PartitionAnswer,
} from "../client/repairs/protocol/produce-answers.ts";
import type { ProduceResponse } from "../client/cluster.ts";
import type {
  ProducerState,
  PartitionBatch,
  ProducerWrite,
} from "./producer-state.ts";

const SUCCESS = 0;
/** The broker has these sequence numbers: it appended an earlier attempt. */
const DUPLICATE_SEQUENCE_NUMBER = 46;

/** The sequence numbers or the epoch of a write do not follow what the broker has. */
const lostSequence = new Set([
  "OUT_OF_ORDER_SEQUENCE_NUMBER",
  "UNKNOWN_PRODUCER_ID",
  "INVALID_PRODUCER_EPOCH",
]);

/** Applies a broker's answer to the batches that it was sent. Returns an error for each batch that is not confirmed. */
export function applyAnswer(
  producer: ProducerState,
  write: ProducerWrite,
  batches: readonly PartitionBatch[],
  answer: PromiseSettledResult<ProduceResponse>,
): unknown[] {
  const answers =
    answer.status === "fulfilled"
      ? toPartitionAnswers(answer.value)
      : answersBehind(answer.reason);
  if (answers === null) return [(answer as PromiseRejectedResult).reason];
  return batches.flatMap((batch) => {
    const { errorCode: code, baseOffset = "-1" } =
      answerFor(batch, answers) ?? {};
    if (code === SUCCESS || code === DUPLICATE_SEQUENCE_NUMBER) {
      producer.confirm(write, batch);
      const offset = BigInt(baseOffset);
      if (code === SUCCESS && offset >= 0n) batch.baseOffset = offset;
      return [];
    }
    const partition = `partition ${batch.partition} of ${batch.topic}`;
    if (code === undefined)
      return [new Error(`the broker's answer does not speak of ${partition}`)];
    const error = createCodeError(code);
    // The reason of a refused record names its topic already, and is the same for each partition.
    if (refusalOf(error) !== "record")
      error.message = `${partition}: ${error.message}`;
    if (lostSequence.has(errorTypeOf(error) ?? ""))
      producer.loseSequence(write);
    // A refused record or topic was not appended; with any other error the append may have happened.
    else if (refusalOf(error) !== "unavailable" && !mayBeAppended(error))
      batch.doubts--;
    return [error];
  });
}

function answerFor(
  { topic, partition }: PartitionBatch,
  answers: readonly PartitionAnswer[],
): PartitionAnswer | undefined {
  return answers.find(
    (one) => one.topic === topic && one.partition === partition,
  );
}

/** A leader that loses its partition after the append, while replicas follow, answers with this error. */
function mayBeAppended(error: Error): boolean {
  return errorTypeOf(error) === "UNKNOWN_TOPIC_OR_PARTITION";
}
