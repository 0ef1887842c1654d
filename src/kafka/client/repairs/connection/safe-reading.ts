import { brokerReason } from "../../errors.ts";
import { withinBudget } from "../protocol/fetch-budget.ts";
import type { Protocol } from "../kafkajs-internals.ts";
import { FETCH } from "./request-kinds.ts";

/** Brokers ask for pauses of at most ten seconds, unless an administrator has set more. */
const LONGEST_THROTTLE_MS = 30_000;

/**
 * Returns the request with an answer that is read within bounds. For an answer that can't be read
 * it throws the error of `unreadable`; an error that the broker answers stays as it is.
 */
export function readingSafely(
  protocol: Protocol,
  unreadable: (reason: string) => Error,
): Protocol {
  const { apiKey, apiName } = protocol.request;
  const { decode, parse } = protocol.response;
  const safely = async <T>(task: () => Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (error) {
      if (isBrokerError(error)) throw error;
      throw unreadable(
        `an answer (${apiName}) that can't be read: ${brokerReason(error)}`,
      );
    }
  };
  const decoded = async (payload: Buffer) => {
    const answer = await (apiKey === FETCH
      ? withinBudget(() => decode(payload))
      : decode(payload));
    const { clientSideThrottleTime = 0 } = answer;
    if (clientSideThrottleTime > LONGEST_THROTTLE_MS)
      answer.clientSideThrottleTime = LONGEST_THROTTLE_MS;
    return answer;
  };
  return {
    ...protocol,
    response: {
      decode: (payload) => safely(() => decoded(payload)),
      parse: (answer) => safely(() => parse(answer)),
    },
  };
}

const decodingErrors = new Set([
  "KafkaJSInvalidVarIntError",
  "KafkaJSInvalidLongError",
  "KafkaJSPartialMessageError",
  "KafkaJSUnsupportedMagicByteInMessageSet",
]);

function isBrokerError(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name.startsWith("KafkaJS") &&
    !decodingErrors.has(error.name)
  );
}
