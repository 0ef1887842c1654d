import { cacheFolder } from "../lib/process/cache-folder.ts";
import { systemClock } from "../lib/clock.ts";
import { reasonOf } from "../lib/text/reason-of.ts";
import { findEngine } from "./engine/docker-engine.ts";
import {
  KAFKA_IMAGE,
  startKafkaContainer,
  startRegistryContainer,
} from "./docker.ts";
import { javaVersionProblem } from "./java.ts";
import { oneLine } from "./last-words.ts";
import { startKafka, startRegistry } from "./native.ts";
import { useBrokers } from "./named-brokers.ts";
import { everyFewSeconds, step, type Starting } from "./step.ts";
import type { LocalStack, Way } from "./way.ts";

/** A way to get a Kafka that the user has chosen. */
export type KafkaChoice = "docker" | "java" | readonly string[];

export interface LocalStackOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly withRegistry: boolean;
  /** Tells the user about slow steps, and why one way does not work. */
  readonly say: (line: string) => void;
  /** Told once a second what a slow step waits for; when missing, `say` is told every few seconds. */
  readonly waiting?: (text: string) => void;
  /** Brokers, or the only way to try; when missing, all are tried in their order. */
  readonly kafka?: KafkaChoice | undefined;
  readonly signal?: AbortSignal;
}

/** No way that was tried provides a Kafka; the message has the reason of each. */
export class NoKafkaHere extends Error {
  override readonly name = "NoKafkaHere";
  /** In the order of the ways; all but the last were told before. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("; "));
    this.problems = problems;
  }
}

/**
 * Uses the Kafka that `SELL_KAFKA_TEST_BROKERS` names (with `SELL_KAFKA_TEST_REGISTRY`), else starts
 * one in Docker, else one from Maven Central with Java. Rejects with a NoKafkaHere when none works,
 * or with the signal's reason.
 */
export async function startLocalStack(
  options: LocalStackOptions,
): Promise<LocalStack> {
  const { say, signal = new AbortController().signal } = options;
  const starting = {
    say,
    waiting: options.waiting ?? everyFewSeconds(say),
    signal,
    clock: systemClock,
  };
  const ways = waysOf(options, starting);
  const problems: string[] = [];
  for (const [place, way] of ways.entries()) {
    try {
      const stack = await way.start();
      say(`Kafka is ready at ${stack.brokers.join(",")}`);
      return stack;
    } catch (error) {
      signal.throwIfAborted();
      const problem = `${way.name} can't be used: ${oneLine(reasonOf(error))}`;
      problems.push(problem);
      const next = ways[place + 1];
      if (next !== undefined) say(`${problem}; trying ${next.name}`);
    }
  }
  throw new NoKafkaHere(problems);
}

function waysOf(options: LocalStackOptions, starting: Starting): Way[] {
  const { env, kafka: choice } = options;
  const docker = {
    name: "Docker",
    start: () => startInDocker(options, starting),
  };
  const java = { name: "Java", start: () => startWithJava(options, starting) };
  if (choice === "docker") return [docker];
  if (choice === "java") return [java];
  if (choice !== undefined) return [useBrokers(choice, null, starting)];
  const named = parseList(env["SELL_KAFKA_TEST_BROKERS"]);
  const registryUrl = env["SELL_KAFKA_TEST_REGISTRY"] ?? null;
  const isNamed =
    named.length > 0 && (!options.withRegistry || registryUrl !== null);
  return [
    ...(isNamed ? [useBrokers(named, registryUrl, starting)] : []),
    docker,
    java,
  ];
}

async function startInDocker(
  { env, withRegistry }: LocalStackOptions,
  starting: Starting,
): Promise<LocalStack> {
  const engine = await findEngine(starting, env).catch((cause: unknown) => {
    starting.signal.throwIfAborted();
    const reason = `${KAFKA_IMAGE} does not run: ${reasonOf(cause)}`;
    throw new Error(reason, { cause });
  });
  starting.say("starting Kafka in Docker");
  return startBoth(starting, {
    kafka: (own) => startKafkaContainer({ engine, starting: own }),
    registry: withRegistry
      ? (own) => startRegistryContainer({ engine, starting: own })
      : null,
  });
}

async function startWithJava(
  { env, withRegistry }: LocalStackOptions,
  starting: Starting,
): Promise<LocalStack> {
  const problem = await step(
    starting,
    { what: "looking for Java", idleMs: LOOK_WITHIN_MS },
    javaVersionProblem,
  );
  if (problem !== null) throw new Error(problem);
  const cache = cacheFolder(env);
  return startBoth(starting, {
    kafka: (own) => startKafka({ cache, starting: own }),
    registry: withRegistry
      ? (own) => startRegistry({ cache, starting: own })
      : null,
  });
}

const LOOK_WITHIN_MS = 30_000;

interface Starts {
  readonly kafka: (
    starting: Starting,
  ) => Promise<AsyncDisposable & { readonly broker: string }>;
  readonly registry:
    | ((
        starting: Starting,
      ) => Promise<AsyncDisposable & { readonly url: string }>)
    | null;
}

/** Starts both servers at once; when one fails to start, the other is ended. */
async function startBoth(
  starting: Starting,
  starts: Starts,
): Promise<LocalStack> {
  const failed = new AbortController();
  const signal = AbortSignal.any([starting.signal, failed.signal]);
  const own = { ...starting, signal };
  const kafka = starts.kafka(own);
  const registry = starts.registry?.(own) ?? Promise.resolve(null);
  const end = async () => {
    for (const result of await Promise.allSettled([kafka, registry]))
      if (result.status === "fulfilled")
        await result.value?.[Symbol.asyncDispose]();
  };
  try {
    const [{ broker }, started] = await Promise.all([kafka, registry]);
    return {
      brokers: [broker],
      registryUrl: started?.url ?? null,
      isShared: false,
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    failed.abort(error);
    await end();
    throw error;
  }
}

function parseList(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}
