import { reasonOf } from "../client/errors.ts";
import { withinBudget } from "./fetch-budget.ts";
import type { Protocol } from "./kafkajs-internals.ts";

const FETCH = 1;

/** Brokers ask for pauses of ten seconds at the most, unless an administrator has set more. */
const LONGEST_THROTTLE_MS = 30_000;

/**
 * A request whose answer is read within bounds. What can't be read becomes the error that
 * `unreadable` makes of it; what a broker says against the request stays as it is.
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
      if (isBrokersWord(error)) throw error;
      throw unreadable(
        `an answer (${apiName}) that can't be read: ${reasonOf(error)}`,
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

function isBrokersWord(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name.startsWith("KafkaJS") &&
    !decodingErrors.has(error.name)
  );
}
