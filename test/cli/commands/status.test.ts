// `status` tells what a running process says of itself, and gives a clear error for anything else.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readStatus } from "../../../src/cli/commands/status/read-status.ts";
import { createConnectorTelemetry } from "../../../src/observe/connector-telemetry.ts";
import { HttpServer } from "../../../src/observe/http/http-server.ts";
import { change, missingTopic, report } from "../../support/builders.ts";
import { mismatches } from "../../support/documents/json-shapes.ts";
import {
  endlessly,
  serving,
  type LocalServer,
} from "../../support/http/local-server.ts";
import { watched } from "../../support/observe/watched.ts";
import { sellKafka } from "../../support/process/command.ts";
import { configFile } from "../../support/process/config-file.ts";

const answered = {
  endpoint: "start",
  status: 200,
  throttled: false,
  durationMs: 1,
  ratePerSecond: 10,
} as const;

/** A connector whose contact and deal topics are missing, and whose note is published. */
async function servedConnector() {
  const { clock, config, troubles } = await watched();
  const telemetry = createConnectorTelemetry({
    config,
    clock,
    version: "1.2.3",
    toKafka: true,
    troubles,
    isOneOfMany: false,
  });
  const { metrics, status } = telemetry;
  const address = { host: "127.0.0.1", port: 0 };
  const server = await HttpServer.start({ ...address, metrics, status });
  const [observer] = [troubles.observer];
  const tell = (act: (one: Partial<typeof observer>) => void) => {
    for (const one of [observer, ...telemetry.observers]) act(one);
  };
  const defer = (...types: string[]) => {
    tell((one) => one.drainStarted?.());
    tell((one) =>
      one.settled?.(
        [
          { item: change({ type: "note" }), fate: { kind: "published" } },
          ...types.map((type) => ({
            item: change({ type }),
            fate: {
              kind: "deferred" as const,
              why: missingTopic(`sell.${type}`),
            },
          })),
        ],
        1,
      ),
    );
    tell((one) => one.sessionEnded?.(report()));
    const end = types.length === 0 ? "complete" : "incomplete";
    tell((one) => one.drainEnded?.(end, []));
    tell((one) => one.resting?.(5_000));
  };
  tell((one) => one.connected?.("a device"));
  tell((one) => one.requested?.(answered));
  return {
    defer,
    clock,
    url: server.url,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe("status", () => {
  it("tells in words what a connector does, what waits and what to do, and ends with 1", async () => {
    await using served = await servedConnector();
    served.defer("contact", "deal");
    await served.clock.advance(3_000);
    const { exitCode, stdout, stderr } = await sellKafka([
      "status",
      served.url,
    ]);
    expect([exitCode, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(/^crm: Some records have to wait\n/);
    expect(stdout).toContain("Topics are missing (topic-missing)");
    expect(stdout).toMatch(/what +2 records of 2 types: contact, deal\n/);
    expect(stdout).toMatch(/host +localhost:9092\n/);
    expect(stdout).toMatch(/since +2026-11-24T00:00:00Z, for 3 s\n/);
    expect(stdout).toMatch(/next try +in 2 s\n/);
    expect(stdout).toMatch(/to do +Create it\.\n/);
    expect(stdout).toMatch(
      /^ {2}\$ for topic in sell\.contact sell\.deal; do kafka-topics\.sh /m,
    );
    expect(stdout).toMatch(/^published +1\n/m);
    expect(stdout).toMatch(/^contact +0 +0 +0 +1 +0\n/m);
  });

  it("ends with 0 when the connector is ready, and prints the JSON as it is", async () => {
    await using served = await servedConnector();
    served.defer();
    const words = await sellKafka(["status", served.url]);
    expect(words).toMatchObject({ exitCode: 0, stderr: "" });
    expect(words.stdout).toMatch(/^crm: Up to date\n/);
    const { exitCode, stdout } = await sellKafka([
      "status",
      "--json",
      served.url,
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual(
      await (await fetch(`${served.url}status`)).json(),
    );
  });

  it.each([[[]], [["contact", "deal"]]])(
    "prints JSON of the documented shape when these types wait: %j",
    async (types) => {
      await using served = await servedConnector();
      served.defer(...types);
      const { stdout } = await sellKafka(["status", "--json", served.url]);
      const value = JSON.parse(stdout) as { troubles: unknown[] };
      expect(value.troubles).toHaveLength(types.length > 0 ? 1 : 0);
      expect(mismatches(value, "status")).toEqual([]);
    },
  );

  it.each([
    ["host and port", (url: string) => new URL(url).host],
    ["the page", (url: string) => url],
    ["/status", (url: string) => `${url}status`],
  ])("takes %s as address", async (_, of) => {
    await using served = await servedConnector();
    const { stdout } = await sellKafka(["status", of(served.url)]);
    expect(stdout).toMatch(/^crm: /);
  });

  it("finds the address in the configuration, of a file or of a folder", async () => {
    await using served = await servedConnector();
    const config = {
      name: "crm",
      sell: { accessToken: "0".repeat(64) },
      kafka: { brokers: ["localhost:9092"] },
      server: { host: "0.0.0.0", port: Number(new URL(served.url).port) },
    };
    await using file = await configFile(config);
    const ofFile = await sellKafka(["status", "--config", file.path]);
    expect(ofFile.stdout).toMatch(/^crm: /);
    const folder = await mkdtemp(join(tmpdir(), "sell-kafka-status-"));
    try {
      await writeFile(join(folder, "crm.json"), JSON.stringify(config));
      const ofFolder = await sellKafka(["status", "--config", folder]);
      expect(ofFolder.stdout).toMatch(/^crm: /);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each([
    [undefined, "has no server setting"],
    [{ port: 0 }, "server.port of"],
  ])(
    "says why a configuration names no address (%j)",
    async (server, words) => {
      await using file = await configFile({
        name: "crm",
        sell: { accessToken: "0".repeat(64) },
        kafka: { brokers: ["localhost:9092"] },
        server,
      });
      const { exitCode, stderr } = await sellKafka([
        "status",
        "--config",
        file.path,
      ]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(words);
    },
  );

  it.each([
    [["ftp://host/"], "is no http:// or https:// address"],
    [["http://me:secret@host/"], "has no login"],
    [["http://host/", "--config", "x.json"], "not both"],
    [["http://"], "is no http:// or https:// address"],
  ])("refuses %j with exit code 2", async (args, words) => {
    const { exitCode, stdout, stderr } = await sellKafka(["status", ...args]);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("secret");
  });

  const fleet = {
    version: "1.2.3",
    atMs: 1_000_000,
    startedAtMs: 0,
    ready: true,
    headline: "2 connectors run; west.json is refused",
    folder: "/etc/connectors",
    instance: "here-1",
    troubles: [
      {
        code: "file",
        subject: "west.json",
        reason: "west.json: name is missing\nkafka is missing",
        remedy: "Correct the file.",
        sinceMs: 940_000,
        nextTryMs: 1_002_000,
      },
    ],
    connectors: ["east", "north"].map((name) => ({
      name,
      state: "running",
      ready: name === "east",
      headline: name === "east" ? "Up to date" : "Sell refuses access",
      runsOn: "here-1",
      published: 12,
      deadLettered: 0,
      lastCompleteAtMs: 900_000,
    })),
  };

  it("tells a folder as a table, with the lines of each trouble", async () => {
    await using server = await answering(JSON.stringify(fleet));
    const { exitCode, stdout } = await sellKafka(["status", server.url]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^2 connectors run; west\.json is refused\n/);
    expect(stdout).toMatch(
      /why +west\.json: name is missing\n {12}kafka is missing\n/,
    );
    expect(stdout).toMatch(/since +\S+, for 1 min\n/);
    expect(stdout).toMatch(/^north +Sell refuses access +here-1 +12 +0 /m);
  });

  it("shows no text that a terminal would obey", async () => {
    const evil = { ...fleet, folder: "x\u001b[2J", troubles: [] };
    await using server = await answering(JSON.stringify(evil));
    for (const flags of [[], ["--json"]]) {
      const { stdout } = await sellKafka(["status", server.url, ...flags]);
      expect(stdout).toContain("u001b[2J");
      expect(stdout).not.toContain("\u001b");
    }
  });

  it.each<[string, Parameters<typeof serving>[0], string]>([
    ["404", (_, response) => response.writeHead(404).end(), "answers 404"],
    ["a redirect", redirect, "answers 302"],
    ["503", (_, response) => response.writeHead(503).end("{}"), "answers 503"],
    ["HTML", (_, response) => response.end("<html>"), "is not JSON"],
    ["nothing", (_, response) => response.end(), "is not JSON"],
    ["other JSON", (_, response) => response.end("[1]"), "another shape"],
    [
      "deep JSON",
      (_, response) => response.end("[".repeat(200_000)),
      "is not JSON",
    ],
    [
      "a status of other types",
      (_, response) =>
        response.end(JSON.stringify({ ...fleet, connectors: "none" })),
      "another shape",
    ],
    [
      "more than anybody can hold",
      (_, response) => endlessly(response, "["),
      "is larger than 16777216 bytes",
    ],
    ["a cut answer", cut, "can't be reached"],
  ])("says that %s is no status, and ends with 1", async (_, serve, words) => {
    await using server = await serving(serve);
    const { exitCode, stdout, stderr } = await sellKafka([
      "status",
      server.url,
    ]);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^sell-kafka: http:\/\/127\.0\.0\.1:\d+\/status/);
    expect(stderr).toContain(words);
    expect(stderr.length).toBeLessThan(500);
    const json = await sellKafka(["status", server.url, "--json"]);
    expect(json.exitCode).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({
      result: "incomplete",
      problems: [expect.stringContaining(words)],
    });
  });

  it("says when nobody listens, and when nobody answers in time", async () => {
    const { exitCode, stderr } = await sellKafka(["status", "127.0.0.1:1"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("can't be reached");
    await using silent = await serving(() => undefined);
    const url = new URL(`${silent.url}/status`);
    await expect(
      readStatus(url, new AbortController().signal, 50),
    ).rejects.toThrow("no whole answer within 0.05 s");
  });
});

function answering(text: string): Promise<LocalServer> {
  return serving((_, response) => response.end(text));
}

function redirect(...[, response]: Parameters<Parameters<typeof serving>[0]>) {
  response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
}

function cut(...[, response]: Parameters<Parameters<typeof serving>[0]>) {
  response.writeHead(200, { "content-length": "100" });
  response.write("{");
  setImmediate(() => response.destroy());
}
