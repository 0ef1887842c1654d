// SIGTERM in each state of a connector ends it in time with 0, with everything that Kafka holds
// acknowledged, and nothing else.
import { describe, expect, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { configFile } from "../../support/process/config-file.ts";
import { TOKEN, trialOf, type Trial } from "../../support/process/connector.ts";
import { HeldKafka } from "../../support/kafka/cluster-proxy.ts";
import { brokers, readTopics, servers } from "../../support/kafka/kafka.ts";
import { forward, serving } from "../../support/http/local-server.ts";
import { Program } from "../../support/process/program.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

const SHUTDOWN_TIMEOUT_MS = 15_000;
const delivery = { shutdownTimeoutMs: SHUTDOWN_TIMEOUT_MS };
const page = pageOf([item({ id: 1 }), item({ id: 2 }), item({ id: 3 })]);
const keys = ["contact-1-1", "contact-2-1", "contact-3-1"];

function start(configPath: string): Program {
  return new Program(["run", "--log-level", "info", "--config", configPath]);
}

/** Asks a program to stop, mends what `mend` mends, and expects it to end well and in time. */
async function expectToEnd(
  program: Program,
  mend: () => void | Promise<void> = () => undefined,
): Promise<void> {
  const askedMs = performance.now();
  program.kill("SIGTERM");
  await program.says("stopping once what is held");
  await mend();
  expect(await program.ended, program.stderr).toEqual({
    code: 0,
    signal: null,
  });
  expect(performance.now() - askedMs).toBeLessThan(SHUTDOWN_TIMEOUT_MS);
  expect(program.stderr).not.toContain("delivery.shutdownTimeoutMs)");
}

async function keysInKafka({ owns, proxy }: Trial): Promise<string[]> {
  expect(proxy.broken).toEqual([]);
  const records = await readTopics(owns);
  const found = records.map(({ headers }) => headers["sell.ack_key"] ?? "");
  return [...new Set(found)].sort();
}

/** A schema registry that is away, so that nothing can be published, until it is told to be back. */
async function absentRegistry() {
  let isBack = false;
  const server = await serving((request, response, body) => {
    if (isBack) forward(servers?.registryUrl ?? "", request, response, body);
    else response.writeHead(503).end();
  });
  return {
    avro: {
      format: { value: "avro" },
      schemaRegistry: { url: server.url },
    },
    comesBack: () => {
      isBack = true;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe.skipIf(servers === null)("SIGTERM", () => {
  it("while Kafka is not yet reached ends with 0", async () => {
    await using sell = await ScriptedSell.start([[page]]);
    await using file = await configFile({
      name: "starting",
      sell: { baseUrl: sell.url, accessToken: TOKEN },
      kafka: { brokers: ["127.0.0.1:1"] },
      delivery,
    });
    await using program = start(file.path);
    await program.says("trying again");
    await expectToEnd(program);
    expect(sell.log).toEqual([]);
  });

  it("while Sell refuses the token ends with 0", async () => {
    await using sell = await ScriptedSell.start([]);
    sell.startStatus = 401;
    await using trial = await trialOf(sell.url, { delivery });
    await using program = start(trial.configPath);
    await program.says("trouble began");
    await expectToEnd(program);
    expect(await keysInKafka(trial)).toEqual([]);
  });

  it("while idle ends with 0", async () => {
    await using sell = await ScriptedSell.start([[page]]);
    await using trial = await trialOf(sell.url, { delivery });
    await using program = start(trial.configPath);
    await program.says('"drained"');
    await expectToEnd(program);
    expect(await keysInKafka(trial)).toEqual(keys);
    expect([...sell.acknowledged].sort()).toEqual(keys);
  });

  it("while fetching ends with 0, and everything published is acknowledged", async () => {
    await using simulator = await Simulator.start({
      records: 300,
      pageSize: 10,
      latencyMs: 20,
    });
    await using trial = await trialOf(simulator.url, { delivery });
    await using program = start(trial.configPath);
    await trial.proxy.seen(12);
    await expectToEnd(program);
    const published = await keysInKafka(trial);
    expect(published.length).toBeGreaterThan(0);
    const [device] = Object.values(simulator.state().devices);
    expect(device?.acknowledged).toBe(published.length);
  });

  it("while pages are on their way publishes and acknowledges them, and asks for no more", async () => {
    const pages = [1, 2, 3, 4, 5, 6].map((id) =>
      pageOf([item({ id })], { count_left: 5 }),
    );
    await using sell = await ScriptedSell.start([pages]);
    sell.holdsPages = true;
    await using trial = await trialOf(sell.url, { delivery });
    await using program = start(trial.configPath);
    await expect.poll(() => sell.held).toBe(4);
    await expectToEnd(program, () => {
      sell.letPagesGo();
    });
    const expected = [1, 2, 3, 4, 5].map((id) => `contact-${id}-1`);
    expect(await keysInKafka(trial)).toEqual(expected);
    expect([...sell.acknowledged].sort()).toEqual(expected);
    expect(sell.fetches).toBe(5);
  });

  it("while Sell hangs ends in half of the time, and acknowledges what it holds", async () => {
    const first = pageOf([item({ id: 1 })], { count_left: 5 });
    await using sell = await ScriptedSell.start([[first]]);
    sell.holdsPages = true;
    await using trial = await trialOf(sell.url, {
      delivery: { shutdownTimeoutMs: 4_000 },
    });
    await using program = start(trial.configPath);
    await expect.poll(() => sell.held).toBeGreaterThan(0);
    const askedMs = performance.now();
    await expectToEnd(program);
    expect(performance.now() - askedMs).toBeLessThan(4_000);
    expect(await keysInKafka(trial)).toEqual(["contact-1-1"]);
    expect(sell.acknowledged).toEqual(["contact-1-1"]);
  });

  it("while backing off from a Sell in trouble ends with 0", async () => {
    const trouble = Array.from({ length: 200 }, () => ({ status: 503 }));
    await using sell = await ScriptedSell.start([[page, ...trouble]]);
    await using trial = await trialOf(sell.url, { delivery });
    await using program = start(trial.configPath);
    await trial.proxy.acknowledged(keys.length);
    await program.says("trying again");
    await expectToEnd(program);
    expect(await keysInKafka(trial)).toEqual(keys);
    expect([...sell.acknowledged].sort()).toEqual(keys);
  });

  it.each(["at-least-once", "exactly-once"])(
    "while publishing %s first publishes and acknowledges what it holds",
    async (guarantee) => {
      await using sell = await ScriptedSell.start([[page]]);
      await using registry = await absentRegistry();
      await using trial = await trialOf(sell.url, {
        ...registry.avro,
        delivery: { ...delivery, guarantee },
      });
      await using program = start(trial.configPath);
      await program.says('"what":"registry"');
      expect(sell.acknowledged).toEqual([]);
      await expectToEnd(program, registry.comesBack);
      expect(await keysInKafka(trial)).toEqual(keys);
      expect([...sell.acknowledged].sort()).toEqual(keys);
    },
  );

  it("while nothing can be published gives up in time, and acknowledges nothing", async () => {
    await using sell = await ScriptedSell.start([[page]]);
    await using registry = await absentRegistry();
    await using trial = await trialOf(sell.url, {
      ...registry.avro,
      delivery: { shutdownTimeoutMs: 500 },
    });
    await using program = start(trial.configPath);
    await program.says('"what":"registry"');
    program.kill("SIGTERM");
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.stderr).toContain("within 500 ms");
    expect(await keysInKafka(trial)).toEqual([]);
    expect(sell.acknowledged).toEqual([]);
  });

  it.each(["at-least-once", "exactly-once"])(
    "while a request to produce %s is under way waits for Kafka's answer",
    async (guarantee) => {
      await using sell = await ScriptedSell.start([[page]]);
      await using kafka = await HeldKafka.before(brokers());
      await using trial = await trialOf(sell.url, {
        kafka: { brokers: kafka.brokers },
        delivery: { ...delivery, guarantee },
      });
      await using program = start(trial.configPath);
      await kafka.holds;
      expect(sell.acknowledged).toEqual([]);
      await expectToEnd(program, () => {
        kafka.letGo();
      });
      expect(await keysInKafka(trial)).toEqual(keys);
      expect([...sell.acknowledged].sort()).toEqual(keys);
    },
  );

  it.each(["at-least-once", "exactly-once"])(
    "while a request to produce %s is never answered gives up in time, and acknowledges nothing",
    async (guarantee) => {
      await using sell = await ScriptedSell.start([[page]]);
      await using kafka = await HeldKafka.before(brokers());
      await using trial = await trialOf(sell.url, {
        kafka: { brokers: kafka.brokers },
        delivery: { guarantee, shutdownTimeoutMs: 500 },
      });
      await using program = start(trial.configPath);
      await kafka.holds;
      const askedMs = performance.now();
      program.kill("SIGTERM");
      expect(await program.ended, program.stderr).toEqual({
        code: 0,
        signal: null,
      });
      expect(performance.now() - askedMs).toBeLessThan(SHUTDOWN_TIMEOUT_MS);
      expect(program.stderr).toContain("within 500 ms");
      expect(await keysInKafka(trial)).toEqual([]);
      expect(sell.acknowledged).toEqual([]);
    },
  );

  it("while acknowledging waits for Sell's answer", async () => {
    await using sell = await ScriptedSell.start([[page]]);
    sell.holdsAcks = true;
    await using trial = await trialOf(sell.url, {
      delivery,
      sell: { requestTimeoutMs: 1_000 },
    });
    await using program = start(trial.configPath);
    await trial.proxy.acknowledged(keys.length);
    await expectToEnd(program, () => {
      sell.holdsAcks = false;
    });
    expect(await keysInKafka(trial)).toEqual(keys);
    expect([...new Set(sell.acknowledged)].sort()).toEqual(keys);
  });
});
