import { homedir } from "node:os";
import { join } from "node:path";
import {
  findDocker,
  startKafkaContainer,
  startRegistryContainer,
} from "./docker.ts";
import { freePort } from "./free-port.ts";
import { javaProblem, startKafka, startRegistry } from "./native.ts";

export interface LocalStackOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly withRegistry: boolean;
  /** Tells the user about slow steps. */
  readonly say: (line: string) => void;
}

/** A real Kafka, and a real registry if requested. Disposal ends the servers that this process started. */
export interface LocalStack extends AsyncDisposable {
  readonly brokers: readonly string[];
  readonly registryUrl: string | null;
  /** True when the cluster was running before and may hold other data. */
  readonly isShared: boolean;
}

/** Neither the environment, nor Docker, nor Java provides a Kafka. */
export class NoKafkaHere extends Error {
  override readonly name = "NoKafkaHere";
}

/**
 * Uses the Kafka that `SELL_KAFKA_TEST_BROKERS` names (with `SELL_KAFKA_TEST_REGISTRY`), else starts
 * one in Docker, else one from Maven Central with Java. Rejects with a NoKafkaHere when none works.
 */
export async function startLocalStack(
  options: LocalStackOptions,
): Promise<LocalStack> {
  const { env, say, withRegistry } = options;
  const brokers = parseList(env["SELL_KAFKA_TEST_BROKERS"]);
  const registryUrl = env["SELL_KAFKA_TEST_REGISTRY"] ?? null;
  if (brokers.length > 0 && (!withRegistry || registryUrl !== null)) {
    say(`using Kafka at ${brokers.join(",")} (SELL_KAFKA_TEST_BROKERS)`);
    return {
      brokers,
      registryUrl,
      isShared: true,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const started =
    (await startInDocker(options)) ?? (await startWithJava(options));
  say(`Kafka is ready at ${started.brokers.join(",")}`);
  return { ...started, isShared: false };
}

type StartedStack = Omit<LocalStack, "isShared">;

async function startInDocker({
  withRegistry,
  say,
}: LocalStackOptions): Promise<StartedStack | null> {
  const docker = await findDocker();
  if (docker === null) return null;
  say("starting Kafka in Docker");
  const kafka = startKafkaContainer(docker, await freePort());
  const registry = withRegistry ? startRegistryContainer(docker) : null;
  return waitForBoth(kafka, registry);
}

async function startWithJava({
  env,
  withRegistry,
  say,
}: LocalStackOptions): Promise<StartedStack> {
  const problem = await javaProblem();
  if (problem !== null)
    throw new NoKafkaHere(
      `there is no Kafka to use: SELL_KAFKA_TEST_BROKERS${withRegistry ? " and SELL_KAFKA_TEST_REGISTRY are" : " is"} not set, no Docker engine answers, and ${problem}`,
    );
  const options = { cache: cacheFolder(env), say };
  const kafka = startKafka(options);
  const registry = withRegistry ? startRegistry(options) : null;
  return waitForBoth(kafka, registry);
}

/** Waits for both servers; when one fails to start, the other is ended. */
async function waitForBoth(
  kafka: Promise<AsyncDisposable & { readonly broker: string }>,
  registry: Promise<AsyncDisposable & { readonly url: string }> | null,
): Promise<StartedStack> {
  const starting = [kafka, ...(registry === null ? [] : [registry])];
  const end = async () => {
    for (const result of await Promise.allSettled(starting))
      if (result.status === "fulfilled")
        await result.value[Symbol.asyncDispose]();
  };
  try {
    return {
      brokers: [(await kafka).broker],
      registryUrl: (await registry)?.url ?? null,
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Returns the folder outside the repository that keeps downloads between runs. */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>>,
): string {
  const root = env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return env["SELL_KAFKA_CACHE"] ?? join(root, "sell-kafka");
}

function parseList(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}
