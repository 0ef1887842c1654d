import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FleetStatus } from "../../../src/observe/status/fleet-status.ts";

/** A folder of connectors, each with one topic of its own, gone when the test ends. */
export interface Folder extends AsyncDisposable {
  readonly path: string;
  /** In the names of everything that belongs to it. */
  readonly prefix: string;
  readonly owns: (topic: string) => boolean;
  put(file: string, content: object | string): Promise<void>;
  remove(file: string): Promise<void>;
  /** A connector's configuration, with parts laid over it. */
  readonly connector: (
    name: string,
    baseUrl: string,
    overrides?: Readonly<Record<string, object>>,
  ) => object;
}

export async function folderOf(kafka: readonly string[]): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "sell-kafka-fleet-"));
  const prefix = `fleet-${randomBytes(5).toString("hex")}`;
  return {
    path,
    prefix,
    owns: (topic) => topic.startsWith(prefix),
    put: (file, content) =>
      writeFile(
        join(path, file),
        typeof content === "string" ? content : JSON.stringify(content),
      ),
    remove: (file) => rm(join(path, file)),
    connector: (name, baseUrl, overrides = {}) => ({
      name: `${prefix}-${name}`,
      ...overrides,
      sell: {
        baseUrl,
        accessToken: `${prefix}-${name}`.padEnd(64, "."),
        requestsPerSecond: 500,
        pollIntervalMs: 1_000,
        ...overrides["sell"],
      },
      kafka: { brokers: kafka },
      topics: { pattern: "{name}", partitions: 1 },
      delivery: {
        deadLetterTopic: `${prefix}-dead-letter`,
        shutdownTimeoutMs: 5_000,
        ...overrides["delivery"],
      },
    }),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** The `/status` of a process with many connectors; null while it does not answer. */
export async function fleetStatus(port: number): Promise<FleetStatus | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/status`, {
      signal: AbortSignal.timeout(2_000),
    });
    return (await response.json()) as FleetStatus;
  } catch {
    return null;
  }
}
