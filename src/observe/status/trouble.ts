import { reasonOf } from "../../lib/reason-of.ts";
import { ThrottledFault } from "../../domain/faults.ts";
import type { Attempt, DrainEnd, Server } from "../../domain/observer.ts";

/** One reason why a connector is not ready, in words for an operator. */
export interface Trouble {
  readonly code:
    | "starting"
    | "stopping"
    | "kafka-away"
    | "registry-away"
    | "sell-away"
    | "throttled"
    | "denied"
    | "deferred"
    | "incomplete"
    | "failed";
  /** What is wrong. */
  readonly reason: string;
  /** What the connector does about it, or what the operator has to do. */
  readonly remedy: string;
}

const HELD =
  "What was fetched is held, nothing more is fetched once the buffer is full, and nothing is lost";

/** Describes a failed attempt that the pipeline repeats. */
export function toAttemptTrouble(what: Attempt, error: unknown): Trouble {
  const reason = reasonOf(error);
  if (error instanceof ThrottledFault)
    return {
      code: "throttled",
      reason,
      remedy:
        "It has slowed down, and speeds up again by itself. If this lasts, look for another client with the same access token, or lower sell.requestsPerSecond.",
    };
  switch (what) {
    case "publish":
      return toAwayTrouble("kafka", error);
    case "registry":
      return toAwayTrouble("registry", error);
    case "start":
    case "fetch":
      return {
        code: "sell-away",
        reason,
        remedy:
          "It tries again by itself; what Sell has waits there. If this lasts, look at the network and at sell.baseUrl.",
      };
    case "acknowledge":
      return {
        code: "sell-away",
        reason,
        remedy:
          "It tries again by itself. The records are in Kafka; what is never acknowledged, Sell sends again.",
      };
  }
}

/** Describes a server that can't be reached. */
export function toAwayTrouble(server: Server, error: unknown): Trouble {
  const reason = reasonOf(error);
  return server === "kafka"
    ? {
        code: "kafka-away",
        reason,
        remedy: `${HELD}. It goes on by itself once Kafka is back; look at the brokers, the network and the settings under kafka.`,
      }
    : {
        code: "registry-away",
        reason,
        remedy: `${HELD}. It goes on by itself once the schema registry is back; look at the registry and the settings under schemaRegistry.`,
      };
}

/** Describes how a drain failed; null when it was complete. */
export function toDrainTrouble(
  end: Exclude<DrainEnd, "stopped">,
  problems: readonly string[],
): Trouble | null {
  const reason = problems.join("; ");
  switch (end) {
    case "complete":
      return null;
    case "denied":
      return {
        code: "denied",
        reason,
        remedy: "It tries again slowly, between 5 seconds and 5 minutes apart.",
      };
    case "incomplete":
      return {
        code: "incomplete",
        reason: `the last drain was not complete: ${reason}`,
        remedy:
          "It drains again soon. Nothing is lost: what is not acknowledged, Sell sends again.",
      };
    case "failed":
      return {
        code: "failed",
        reason: `the last drain failed: ${reason}`,
        remedy: "What is not acknowledged, Sell sends again.",
      };
  }
}
