import { homedir } from "node:os";
import { join } from "node:path";
import {
  dockerEngine,
  startKafkaContainer,
  startRegistryContainer,
} from "./docker.ts";
import { freePort } from "./free-port.ts";
import { javaProblem, startKafka, startRegistry } from "./native.ts";

export interface LocalStackOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly withRegistry: boolean;
  /** Tells people what takes a while. */
  readonly say: (line: string) => void;
}

/** A real Kafka, and a real registry when one was asked for; those that were started here end with it. */
export interface LocalStack extends AsyncDisposable {
  readonly brokers: readonly string[];
  readonly registryUrl: string | null;
  /** True when the cluster was here before, and may hold other things. */
  readonly isShared: boolean;
}

/** Neither the environment, nor Docker, nor Java gives a Kafka. */
export class NoKafkaHere extends Error {
  override readonly name = "NoKafkaHere";
}

/**
 * Finds a Kafka: the one that `SELL_KAFKA_TEST_BROKERS` names (with `SELL_KAFKA_TEST_REGISTRY`),
 * else one in Docker, else one run by Java from Maven Central. Rejects with a NoKafkaHere.
 */
export async function startLocalStack(
  options: LocalStackOptions,
): Promise<LocalStack> {
  const { env, say, withRegistry } = options;
  const brokers = listOf(env["SELL_KAFKA_TEST_BROKERS"]);
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
  const found = (await inDocker(options)) ?? (await byJava(options));
  say(`Kafka is ready at ${found.brokers.join(",")}`);
  return { ...found, isShared: false };
}

type Found = Omit<LocalStack, "isShared">;

async function inDocker({
  withRegistry,
  say,
}: LocalStackOptions): Promise<Found | null> {
  const docker = await dockerEngine();
  if (docker === null) return null;
  say("starting Kafka in Docker");
  const kafka = startKafkaContainer(docker, await freePort());
  const registry = withRegistry ? startRegistryContainer(docker) : null;
  return together(kafka, registry);
}

async function byJava({
  env,
  withRegistry,
  say,
}: LocalStackOptions): Promise<Found> {
  const problem = await javaProblem();
  if (problem !== null)
    throw new NoKafkaHere(
      `there is no Kafka to use: SELL_KAFKA_TEST_BROKERS${withRegistry ? " and SELL_KAFKA_TEST_REGISTRY are" : " is"} not set, no Docker engine answers, and ${problem}`,
    );
  const options = { cache: cacheFolder(env), say };
  const kafka = startKafka(options);
  const registry = withRegistry ? startRegistry(options) : null;
  return together(kafka, registry);
}

/** Waits for both servers; when one fails to start, the other is ended. */
async function together(
  kafka: Promise<AsyncDisposable & { readonly broker: string }>,
  registry: Promise<AsyncDisposable & { readonly url: string }> | null,
): Promise<Found> {
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

/** Where downloads are kept between runs, outside the repository. */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>>,
): string {
  const root = env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return env["SELL_KAFKA_CACHE"] ?? join(root, "sell-kafka");
}

function listOf(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}
