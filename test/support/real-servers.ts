import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import {
  NoKafkaHere,
  startLocalStack,
  type LocalStack,
} from "../../src/local/stack.ts";

import { preparePython } from "./python.ts";

declare module "vitest" {
  interface ProvidedContext {
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
  const [stack, python] = await Promise.all([start(), findPython(), build]);
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

async function start(): Promise<LocalStack | null> {
  try {
    return await startLocalStack({
      env: process.env,
      withRegistry: true,
      say,
    });
  } catch (error) {
    if (!(error instanceof NoKafkaHere) || process.env["CI"] === "true")
      throw error;
    say(`Tests with a real Kafka are skipped: ${error.message}`);
    return null;
  }
}
