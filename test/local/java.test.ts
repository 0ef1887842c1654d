// Whatever is wrong with Java or Maven is told in one line, and nothing of it stays.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadMavenFiles } from "../../src/local/artifacts.ts";
import { startKafka } from "../../src/local/native.ts";
import { startLocalStack } from "../../src/local/stack.ts";
import { silently } from "../../src/local/step.ts";

let folder: string;
let said: string[];
const path = process.env["PATH"] ?? "";

beforeEach(async () => {
  said = [];
  folder = await mkdtemp(join(tmpdir(), "sell-kafka-test-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Puts shell scripts on the PATH; without `before`, nothing else is on it. */
async function programs(
  scripts: Readonly<Record<string, string>>,
  before = "",
): Promise<void> {
  for (const [name, script] of Object.entries(scripts))
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, {
      mode: 0o755,
    });
  vi.stubEnv("PATH", before === "" ? folder : folder + delimiter + before);
}

const cache = () => join(folder, "cache");
const java17 = `case "$1" in -version) echo 'openjdk version "17.0.1"' >&2;;`;

async function stackProblem(): Promise<string> {
  try {
    await using stack = await startLocalStack({
      env: { SELL_KAFKA_CACHE: cache() },
      withRegistry: false,
      kafka: "java",
      say: (line) => said.push(line),
    });
    return `it started at ${stack.brokers.join()}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Makes it look as if Kafka were in the cache. */
async function withKafka(): Promise<void> {
  const mvn = `for arg in "$@"; do case "$arg" in -DoutputDirectory=*) touch "\${arg#*=}/kafka.jar";; esac; done`;
  await programs({ mvn }, path);
  await loadMavenFiles(cache(), "kafka-4.1.0", []);
  await rm(join(folder, "mvn"));
}

describe("Java", () => {
  it.each<[string, Record<string, string>, string]>([
    ["that is missing", {}, "there is no java on the PATH"],
    [
      "of another time",
      { java: `echo 'java version "1.8.0_292"' >&2` },
      "java is 8, and 17 or newer is needed",
    ],
    [
      "that is too old",
      { java: `echo 'openjdk version "11.0.2" 2019-01-15' >&2` },
      "java is 11, and 17 or newer is needed",
    ],
    [
      "that does not work",
      { java: `echo 'Error: could not find libjava.so' >&2; exit 1` },
      "java -version fails: Error: could not find libjava.so",
    ],
    [
      "without Maven",
      { java: `${java17} esac` },
      "and there is no mvn on the PATH",
    ],
  ])("%s", async (_, scripts, words) => {
    await programs(scripts);
    const problem = await stackProblem();
    expect(problem).toContain(words);
    expect(problem).toMatch(/^Java can't be used: [^\n]+$/);
  });

  it("whose Kafka ends at once tells the first error, and leaves no folder", async () => {
    await withKafka();
    await programs(
      {
        java: `${java17} *kafka*) ;; esac; for arg; do [ "$arg" = kafka.Kafka ] && { echo "INFO x"; echo "[main] ERROR Exiting: java.net.BindException: Address already in use"; pwd > ${folder}/where; exit 1; }; done; exit 0`,
      },
      path,
    );
    expect(await stackProblem()).toBe(
      "Java can't be used: kafka did not start: it ended: [main] ERROR Exiting: java.net.BindException: Address already in use",
    );
    // The cache has it.
    expect(said.join()).not.toContain("Maven");
    const where = await readFile(join(folder, "where"), "utf8");
    await expect(readdir(where.trim())).rejects.toThrow("ENOENT");
  });

  it("whose Kafka never serves is ended with all that it started when the start is stopped", async () => {
    await withKafka();
    await programs(
      {
        java: `${java17} esac; for arg; do [ "$arg" = kafka.Kafka ] && { sleep 300 & echo $! > ${folder}/child; wait; }; done; exit 0`,
      },
      path,
    );
    const stopping = new AbortController();
    const started = startKafka({
      cache: cache(),
      starting: { ...silently, signal: stopping.signal },
    });
    started.catch(() => undefined);
    const child = () => readFile(join(folder, "child"), "utf8").catch(() => "");
    await expect.poll(child).toMatch(/\d\n/);
    stopping.abort(new Error("stopped"));
    await expect(started).rejects.toThrow("stopped");
    const pid = Number(await child());
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

describe("Maven", () => {
  it("is told of before its download, once", async () => {
    await programs({ java: `${java17} esac`, mvn: "exit 1" }, path);
    await stackProblem();
    const lines = said.filter((line) => line.includes("Maven downloads"));
    expect(lines).toEqual([
      `Apache Kafka 4.1.0 is not in ${cache()}; Maven downloads it once (44 MB)`,
    ]);
  });

  it("that fails tells its first error, and leaves nothing in the cache", async () => {
    await programs(
      {
        mvn: `[ "$1" = --version ] || { echo "[INFO] Scanning"; echo "[ERROR] Could not transfer artifact org.apache.kafka from central: No space left on device"; exit 1; }`,
      },
      path,
    );
    await expect(loadMavenFiles(cache(), "kafka-4.1.0", [])).rejects.toThrow(
      "Maven can't download kafka-4.1.0: Could not transfer artifact org.apache.kafka from central: No space left on device",
    );
    await expect.poll(() => readdir(cache())).toEqual([]);
  });

  it("that hangs is stopped with all that it started", async () => {
    await programs(
      {
        mvn: `[ "$1" = --version ] || { sleep 300 & echo $! > ${folder}/child; wait; }`,
      },
      path,
    );
    const stopping = new AbortController();
    const loaded = loadMavenFiles(cache(), "kafka-4.1.0", [], {
      starting: { ...silently, signal: stopping.signal },
    });
    loaded.catch(() => undefined);
    const child = () => readFile(join(folder, "child"), "utf8").catch(() => "");
    await expect.poll(child).toMatch(/\d\n/);
    stopping.abort(new Error("stopped"));
    await expect(loaded).rejects.toThrow("stopped");
    const pid = Number(await child());
    await expect.poll(() => isRunning(pid)).toBe(false);
    await expect.poll(() => readdir(cache())).toEqual([]);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
