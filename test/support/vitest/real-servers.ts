import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { NoKafkaHere, startLocalStack } from "../../../src/local/stack.ts";
import type { LocalStack } from "../../../src/local/way.ts";
import { prepareChromium } from "../browser/chromium.ts";
import { preparePython } from "../python/python.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The path of a Chromium; null without one. */
    chromium: string | null;
    /** The folder of the pinned Python packages; null without Python. */
    python: string | null;
    /** Null when there is no Kafka to test against. */
    servers: {
      readonly brokers: readonly string[];
      readonly registryUrl: string;
    } | null;
  }
}

/** Starts Kafka and a registry once for all tests, and builds the command that some of them run. */
export default async function setup(project: TestProject) {
  const build = promisify(execFile)(process.execPath, ["scripts/build.mjs"]);
  const [stack, python, chromium] = await Promise.all([
    start(),
    findPython(),
    findChromium(),
    build,
  ]);
  project.provide("chromium", chromium);
  project.provide("python", python);
  const { brokers, registryUrl } = stack ?? {};
  project.provide(
    "servers",
    brokers === undefined || typeof registryUrl !== "string"
      ? null
      : { brokers, registryUrl },
  );
  return async () => {
    await stack?.[Symbol.asyncDispose]();
  };
}

const say = (line: string) => process.stderr.write(`${line}\n`);

async function findPython(): Promise<string | null> {
  try {
    return await preparePython(say);
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    say(`Tests with Python are skipped: ${String(error)}`);
    return null;
  }
}

async function findChromium(): Promise<string | null> {
  const isCi = process.env["CI"] === "true";
  try {
    return await prepareChromium(isCi, say);
  } catch (error) {
    if (isCi) throw error;
    say(`Tests with a browser are skipped: ${String(error)}`);
    return null;
  }
}

async function start(): Promise<LocalStack | null> {
  try {
    return await startLocalStack({
      env: process.env,
      withRegistry: true,
      say,
    });
  } catch (error) {
    // In CI, test/integration/kafka/servers.test.ts fails then, and the other tests run.
    if (!(error instanceof NoKafkaHere)) throw error;
    say(`Tests with a real Kafka are skipped: ${error.message}`);
    return null;
  }
}
