import {
  activityOf,
  headlineOf,
  moodOf,
  type ActivityCode,
  type Mood,
  type Trouble,
} from "../troubles/trouble.ts";

/** What the connector does now, as the headline of the status page. */
export interface Activity {
  readonly code: "catching-up" | "working" | "resting" | ActivityCode;
  readonly mood: Mood;
  readonly headline: string;
  readonly detail: string;
}

export interface Situation {
  /** The worst first. */
  readonly troubles: readonly Trouble[];
  /** Whether records of every type that Sell has sent since the start wait. */
  readonly doAllTypesWait: boolean;
  readonly isDraining: boolean;
  /** False until the first complete drain since the start. */
  readonly wasComplete: boolean;
  readonly isThrottled: boolean;
  /** Requests per second that the rate limiter allows now. */
  readonly ratePerSecond: number | null;
  readonly pollIntervalMs: number;
  /** False when events go to standard output. */
  readonly toKafka: boolean;
}

export function describeActivity(situation: Situation): Activity {
  const { troubles, isDraining, isThrottled } = situation;
  const [worst] = troubles;
  if (isThrottled && (worst === undefined || worst.code === "throttled"))
    return throttled(situation);
  if (worst !== undefined) return troubled(worst, situation);
  return isDraining ? draining(situation) : resting(situation);
}

function draining({ wasComplete, toKafka }: Situation): Activity {
  if (!toKafka)
    return {
      code: "working",
      mood: "busy",
      headline: "Printing what Sell has",
      detail:
        "Records go to standard output. With --stdout, nothing is acknowledged, so Sell sends all of it again.",
    };
  const acknowledged =
    "Each record is acknowledged to Sell once Kafka has confirmed it.";
  return wasComplete
    ? {
        code: "working",
        mood: "busy",
        headline: "Draining Sell into Kafka",
        detail: acknowledged,
      }
    : {
        code: "catching-up",
        mood: "busy",
        headline: "Catching up with Sell",
        detail: `What waited in Sell goes into Kafka; changes are live once the first drain is complete. ${acknowledged}`,
      };
}

function resting({ toKafka, pollIntervalMs }: Situation): Activity {
  return {
    code: "resting",
    mood: "good",
    headline: "Up to date",
    detail: `Everything that Sell had is ${toKafka ? "in Kafka" : "printed"}. It asks again at least ${everySeconds(pollIntervalMs)}.`,
  };
}

function throttled({ ratePerSecond }: Situation): Activity {
  const rate =
    ratePerSecond === null
      ? ""
      : ` to ${Number(ratePerSecond.toPrecision(2))} requests a second`;
  return {
    code: "throttled",
    mood: "warning",
    headline: "Sell asks for fewer requests",
    detail: `It has slowed down${rate}, and speeds up again by itself. Nothing is lost.`,
  };
}

/** The headlines of troubles that several causes share; any other trouble has its own. */
const shared = {
  deferred: {
    headline: "Some records have to wait",
    detail:
      "Other types go on. These records are not acknowledged, and come again with each drain until the cause is gone.",
  },
  "nothing-published": {
    headline: "No records reach Kafka",
    detail:
      "Records of every type wait. They are not acknowledged, and come again with each drain until the cause is gone.",
  },
  incomplete: {
    headline: "The last drain was not complete",
    detail:
      "It drains again soon. Nothing is lost: what is not acknowledged, Sell sends again.",
  },
};

function troubled(
  { code: cause, server, remedy }: Trouble,
  { doAllTypesWait }: Situation,
): Activity {
  const code = activityOf(cause);
  if (code === "deferred" && doAllTypesWait)
    return { code, mood: moodOf(cause), ...shared["nothing-published"] };
  const words =
    code === "deferred" || code === "incomplete"
      ? shared[code]
      : { headline: headlineOf(cause, server), detail: remedy };
  return { code, mood: moodOf(cause), ...words };
}

function everySeconds(ms: number): string {
  const seconds = ms / 1_000;
  return seconds === 1 ? "every second" : `every ${seconds} seconds`;
}
