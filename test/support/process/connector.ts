import { randomBytes } from "node:crypto";
import type { Summary } from "../../../src/cli/output/summary.ts";
import { sellKafka, type Ended } from "./command.ts";
import { configFile } from "./config-file.ts";
import { brokers } from "../kafka/kafka.ts";
import { OrderProxy } from "../sell/order-proxy.ts";

export const TOKEN = "t0ken".repeat(13);

/** Each topic of a trial has this number of partitions: a broker takes longer to create more. */
export const TRIAL_PARTITIONS = 2;

/** Parts of a configuration, laid over that of the test. */
export type Overrides = Readonly<Record<string, object>>;

export interface Trial extends AsyncDisposable {
  readonly name: string;
  readonly proxy: OrderProxy;
  readonly deadLetterTopic: string;
  readonly configPath: string;
  /** True for topics of this trial. */
  readonly owns: (topic: string) => boolean;
  sync(...flags: readonly string[]): Promise<Ended & { summary: Summary }>;
}

/** A connector of its own, with its own topics, that meets Sell through the proxy that checks the order. */
export async function trialOf(
  sellUrl: string,
  overrides: Overrides = {},
): Promise<Trial> {
  const name = `trial-${randomBytes(5).toString("hex")}`;
  const deadLetterTopic = `${name}-dead-letter`;
  const owns = (topic: string) => topic.startsWith(name);
  const proxy = await OrderProxy.start(sellUrl, owns);
  const file = await configFile({
    name,
    sell: {
      baseUrl: proxy.url,
      accessToken: TOKEN,
      requestsPerSecond: 2_000,
      ...overrides["sell"],
    },
    kafka: { brokers: brokers(), ...overrides["kafka"] },
    topics: {
      pattern: "{name}.{type}",
      partitions: TRIAL_PARTITIONS,
      ...overrides["topics"],
    },
    format: { ...overrides["format"] },
    delivery: { deadLetterTopic, ...overrides["delivery"] },
    ...(overrides["server"] && { server: overrides["server"] }),
    ...(overrides["schemaRegistry"] && {
      schemaRegistry: overrides["schemaRegistry"],
    }),
  });
  return {
    name,
    proxy,
    deadLetterTopic,
    owns,
    configPath: file.path,
    async sync(...flags) {
      const ended = await sellKafka([
        "sync",
        "--json",
        "--config",
        file.path,
        ...flags,
      ]);
      const summary = JSON.parse(ended.stdout || "{}") as Summary;
      return { ...ended, summary };
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await file[Symbol.asyncDispose]();
    },
  };
}
