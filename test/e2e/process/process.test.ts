// The built command keeps its exit codes and its outputs, shows no token, and stops as it is asked to.
import { describe, expect, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { version } from "../../../src/version.ts";
import { placeOf } from "../../support/documents/markdown.ts";
import { configFile } from "../../support/process/config-file.ts";
import { TOKEN, trialOf } from "../../support/process/connector.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";
import { serving } from "../../support/http/local-server.ts";
import { Program } from "../../support/process/program.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

describe("the built command", () => {
  it("tells its version", async () => {
    await using program = new Program(["--version"]);
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect([program.stdout, program.stderr]).toEqual([`${version}\n`, ""]);
  });

  it("says in one line that Node.js is too old", async () => {
    const older =
      'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"22.18.0"})';
    await using program = new Program(["--version"], {
      nodeArgs: ["--import", older],
    });
    expect((await program.ended).code).toBe(2);
    expect([program.stdout, program.stderr]).toEqual([
      "",
      `sell-kafka needs Node.js 22.19 or newer, but this is 22.18.0; use the one of this clone, ${placeOf("node_modules/.bin/node")}\n`,
    ]);
  });

  it("ends with 2 on a wrong configuration, told on standard error", async () => {
    await using file = await configFile({ name: "x", sell: {} });
    await using program = new Program(["sync", "--config", file.path]);
    expect((await program.ended).code).toBe(2);
    expect(program.stdout).toBe("");
    expect(program.stderr).toContain("sell.accessToken");
  });

  it("serves a simulated Sell until a signal", async () => {
    await using program = new Program(["simulate", "--port", "0"]);
    await program.says("http://127.0.0.1:");
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(
      program.stdout + program.stderr,
    ) ?? [""];
    const response = await fetch(`${url}/_simulator/state`);
    expect(await response.json()).toMatchObject({ records: { live: 1_000 } });
    program.kill("SIGTERM");
    expect(await program.ended).toEqual({ code: 0, signal: null });
  });

  it("prints events for a pipe, and ends when its reader has gone", async () => {
    await using simulator = await Simulator.start({ records: 20_000 });
    await using file = await configFile({
      name: "piped",
      sell: {
        baseUrl: simulator.url,
        accessToken: TOKEN,
        requestsPerSecond: 100,
      },
      kafka: { brokers: ["127.0.0.1:1"] },
    });
    await using program = new Program([
      "sync",
      "--stdout",
      "--config",
      file.path,
    ]);
    await program.says(`}\n{"topic"`);
    const [line = ""] = program.stdout.split("\n");
    expect(Object.keys(JSON.parse(line) as object)).toEqual([
      "topic",
      "key",
      "headers",
      "value",
    ]);
    program.closeStdout();
    expect((await program.ended).code).toBe(1);
    expect(program.stderr).not.toMatch(/EPIPE|fatal|stack/);
    expect(simulator.state().requests["ack"]).toBeUndefined();
  });

  it("prints dead letters with all that is told of them", async () => {
    const odd = item({ type: "no such type", id: 5 });
    await using sell = await ScriptedSell.start([[pageOf([odd])]]);
    await using file = await configFile({
      name: "odd",
      sell: { baseUrl: sell.url, accessToken: TOKEN },
      kafka: { brokers: ["127.0.0.1:1"] },
    });
    await using program = new Program([
      "sync",
      "--stdout",
      "--config",
      file.path,
    ]);
    expect((await program.ended).code).toBe(0);
    expect(JSON.parse(program.stdout)).toMatchObject({
      topic: "sell-kafka.dead-letter",
      key: "5",
      headers: {
        "error.stage": "route",
        "error.class": "RecordFault",
        "error.connector": "odd",
        "original.topic": "sell.no such type",
      },
      value: JSON.parse(odd) as unknown,
    });
  });

  it("never shows its token, whatever Sell answers", async () => {
    await using simulator = await echoOfToken();
    await using file = await configFile({
      name: "hushed",
      sell: { baseUrl: simulator.url, accessToken: "${env:SECRET_TOKEN}" },
      kafka: { brokers: ["127.0.0.1:1"] },
    });
    for (const command of [
      ["sync", "--stdout"],
      ["run", "--stdout"],
      ["check"],
    ]) {
      await using program = new Program(
        [...command, "--log-level", "trace", "--config", file.path],
        { env: { SECRET_TOKEN: TOKEN } },
      );
      if (command[0] === "run") {
        await program.says("access token");
        program.kill("SIGINT");
      }
      await program.ended;
      expect(program.stdout + program.stderr).toContain("401");
      expect(program.stdout + program.stderr).not.toContain(TOKEN);
    }
  });
});

describe.skipIf(servers === null)("a connector that is asked to stop", () => {
  it("publishes and acknowledges what it holds, and ends with 0", async () => {
    await using simulator = await Simulator.start({
      records: 3_000,
      pageSize: 20,
      latencyMs: 5,
    });
    await using trial = await trialOf(simulator.url);
    await using program = new Program(["run", "--config", trial.configPath]);
    await trial.proxy.seen(40);
    program.kill("SIGTERM");
    expect(await program.ended).toEqual({ code: 0, signal: null });

    const published = await ackKeysIn(trial.owns);
    const [device] = Object.values(simulator.state().devices);
    expect(published.size).toBeGreaterThan(0);
    expect(device).toMatchObject({
      acknowledged: published.size,
      pending: 3_000 - published.size,
    });
    expect(trial.proxy.broken).toEqual([]);
  });

  it("gives up after shutdownTimeoutMs, with a warning", async () => {
    await using sell = await deafToAcks();
    await using trial = await trialOf(sell.url, {
      delivery: { shutdownTimeoutMs: 200 },
    });
    await using program = new Program(["run", "--config", trial.configPath]);
    await sell.acked;
    program.kill("SIGTERM");
    expect((await program.ended).code).toBe(0);
    expect(program.stderr).toContain("delivery.shutdownTimeoutMs");
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends at once on a second signal: %s", async (second, code) => {
    await using sell = await deafToAcks();
    await using trial = await trialOf(sell.url);
    await using program = new Program([
      "run",
      "--log-level",
      "info",
      "--config",
      trial.configPath,
    ]);
    await sell.acked;
    program.kill("SIGTERM");
    await program.says("stopping");
    program.kill(second);
    expect(await program.ended).toEqual({ code, signal: null });
  });

  it("takes what changed since, drain after drain", async () => {
    await using simulator = await Simulator.start({ records: 100 });
    await using trial = await trialOf(simulator.url, {
      sell: { pollIntervalMs: 1_000 },
    });
    await using program = new Program(["run", "--config", trial.configPath]);
    await trial.proxy.acknowledged(100);
    simulator.world.update(0, Date.now());
    simulator.world.delete(1, Date.now());
    await trial.proxy.acknowledged(102);
    program.kill("SIGINT");
    expect((await program.ended).code).toBe(0);
    expect((await ackKeysIn(trial.owns)).size).toBe(102);
  });
});

async function ackKeysIn(
  isWanted: (topic: string) => boolean,
): Promise<Set<string | undefined>> {
  const records = await readTopics(isWanted);
  return new Set(records.map(({ headers }) => headers["sell.ack_key"]));
}

/** A Sell with one page that never answers an acknowledgement. */
async function deafToAcks() {
  const acked = Promise.withResolvers<undefined>();
  let isDrained = false;
  const server = await serve((path) => {
    if (path === "/v2/sync/start")
      return { status: 201, body: '{"data":{"id":"s","queues":[]}}' };
    if (path === "/v2/sync/ack") {
      acked.resolve(undefined);
      return null;
    }
    if (isDrained) return { status: 204, body: "" };
    isDrained = true;
    return { status: 200, body: pageOf([item()]) };
  });
  return Object.assign(server, { acked: acked.promise });
}

function echoOfToken() {
  return serve((_, token) => ({
    status: 401,
    body: JSON.stringify({
      errors: [{ error: { code: "unauthorized", message: `no: ${token}` } }],
    }),
  }));
}

async function serve(
  answer: (
    path: string,
    authorization: string,
  ) => { status: number; body: string } | null,
) {
  return await serving(({ url = "/", headers }, response) => {
    const said = answer(url, headers.authorization ?? "");
    if (said !== null) response.writeHead(said.status).end(said.body);
  });
}
