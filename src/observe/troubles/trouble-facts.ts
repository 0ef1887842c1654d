import { causeSentence, type Cause } from "../../domain/cause.ts";
import { causeOf, type Deferral } from "../../domain/deferrals.ts";
import {
  DeniedFault,
  ThrottledFault,
  type DenyingServer,
} from "../../domain/faults.ts";
import type { Attempt, DrainProblem, Server } from "../../domain/observer.ts";
import { reasonOf } from "../../lib/text/reason-of.ts";
import type { TroubleCode } from "./trouble.ts";

/** A trouble as far as an event tells it: without its times. */
export interface TroubleFacts {
  /** Facts with the same key are of one trouble. */
  readonly key: string;
  readonly code: TroubleCode;
  readonly server: DenyingServer | null;
  readonly reason: string;
  readonly remedy: string;
  /** The items that wait for it; null when it holds up no single type. */
  readonly deferral: Deferral | null;
}

const LONGEST_REASON = 2_000;

function facts(
  code: TroubleCode,
  server: DenyingServer | null,
  reason: string,
  remedy: string,
): TroubleFacts {
  return {
    key: `${code} ${server ?? ""}`,
    code,
    server,
    reason: reason.slice(0, LONGEST_REASON),
    remedy,
    deferral: null,
  };
}

const HELD =
  "What was fetched is held, nothing more is fetched once the buffer is full, and nothing is lost";

/** A failed attempt that the pipeline repeats. */
export function attemptFacts(what: Attempt, error: unknown): TroubleFacts {
  if (error instanceof ThrottledFault)
    return facts(
      "throttled",
      "sell",
      reasonOf(error),
      "It has slowed down, and speeds up again by itself. If this lasts, look for another client with the same access token, or lower sell.requestsPerSecond.",
    );
  switch (what) {
    case "publish":
      return awayFacts("kafka", error);
    case "registry":
      return awayFacts("registry", error);
    case "start":
    case "fetch":
      return facts(
        "sell-away",
        "sell",
        reasonOf(error),
        "It tries again by itself; what Sell has waits there. If this lasts, look at the network and at sell.baseUrl.",
      );
    case "acknowledge":
      return facts(
        "sell-away",
        "sell",
        reasonOf(error),
        "It tries again by itself. The records are in Kafka; what is never acknowledged, Sell sends again.",
      );
  }
}

/** A server that can't be reached, or that refuses this client. */
export function awayFacts(server: Server, error: unknown): TroubleFacts {
  if (error instanceof DeniedFault)
    return deniedFacts(error.server, error.message);
  const reason = reasonOf(error);
  return server === "kafka"
    ? facts(
        "kafka-away",
        server,
        reason,
        `${HELD}. It goes on by itself once Kafka is back; look at the brokers, the network and the settings under kafka.`,
      )
    : facts(
        "registry-away",
        server,
        reason,
        `${HELD}. It goes on by itself once the schema registry is back; look at the registry and the settings under schemaRegistry.`,
      );
}

/** Returns the trouble of a drain's problem; null for deferred items, whose causes are troubles of their own. */
export function problemFacts({
  code,
  message,
  server,
}: DrainProblem): TroubleFacts | null {
  if (code === "deferred") return null;
  if (code === "denied") return deniedFacts(server ?? "sell", message);
  return code === "failed"
    ? facts(
        code,
        null,
        `the last drain failed: ${message}`,
        "What is not acknowledged, Sell sends again.",
      )
    : facts(
        code,
        "sell",
        message,
        "It drains again soon. Nothing is lost: what is not acknowledged, Sell sends again.",
      );
}

export function deferralFacts(deferral: Deferral): TroubleFacts {
  const { code, reason, remedy } = causeOf(deferral);
  return {
    key: deferral.key,
    code,
    server: /^(schema|registry)-/.test(code)
      ? "registry"
      : code === "older-revision"
        ? "sell"
        : "kafka",
    reason,
    remedy: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`,
    deferral,
  };
}

/** A registered schema stays in use: values go on, new custom fields without columns. */
export function schemaKeptFacts(why: Cause): TroubleFacts {
  return facts(
    "schema-kept",
    "registry",
    causeSentence(why),
    "Records go on with the registered schema, and the values of new custom fields stay in custom_fields as JSON text. It tries again every minute while records come.",
  );
}

export const stoppingFacts = facts(
  "stopping",
  null,
  "it was asked to stop",
  "It publishes and acknowledges what it holds, and ends.",
);

const named = { kafka: "Kafka", registry: "the schema registry", sell: "Sell" };

export function startingFacts(server: Server | "sell"): TroubleFacts {
  return facts(
    "starting",
    server,
    `${named[server]} has not been reached yet`,
    "Kafka is reached first, and Sell after it.",
  );
}

function deniedFacts(server: DenyingServer, reason: string): TroubleFacts {
  return facts(
    "denied",
    server,
    reason,
    "It tries again slowly, between 5 seconds and 5 minutes apart.",
  );
}
