// Brokers that are silent, close or send garbage neither keep a command from the real ones behind
// them, nor end other connectors; one that the cluster names is told to the operator in time.
import { describe, expect, it } from "vitest";
import { freePort } from "../../../src/local/free-port.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { sellKafka } from "../../support/process/command.ts";
import { trialOf } from "../../support/process/connector.ts";
import { FalseBroker, healthily } from "../../support/kafka/false-broker.ts";
import { fleetStatus, folderOf } from "../../support/process/folder.ts";
import { brokers, servers } from "../../support/kafka/kafka.ts";

const WITHIN_MS = 15_000;

const silent = () => FalseBroker.start(() => null);
const flooding = () =>
  FalseBroker.rude((socket) => {
    const zeros = Buffer.alloc(65_536);
    socket.on("error", () => undefined);
    socket.on("drain", () => socket.write(zeros));
    socket.on("data", () => socket.write(zeros));
  });
const closing = () =>
  FalseBroker.rude((socket) => {
    socket.on("data", () => socket.destroy());
  });

describe.skipIf(servers === null)("brokers that are none", () => {
  it.concurrent.for(["at-least-once", "exactly-once"])(
    "keep no command from a broker behind them that is one (%s)",
    async (guarantee) => {
      await using first = await silent();
      await using second = await closing();
      await using simulator = await Simulator.start({ records: 30 });
      const addresses = [first, second].map(({ address }) => address);
      await using trial = await trialOf(simulator.url, {
        kafka: { brokers: [...addresses, ...brokers()] },
        delivery: { guarantee },
      });
      const config = ["--config", trial.configPath];
      const commands = {
        sync: ["sync", "--json", ...config],
        check: ["check", ...config],
        audit: ["audit", ...config],
        explain: ["explain", ...config, "deal", "1", "--json"],
        deadLetters: ["dead-letters", "list", ...config],
      };
      for (const [name, command] of Object.entries(commands)) {
        const startMs = performance.now();
        const { stdout, stderr } = await sellKafka(command);
        expect({ name, stderr }).not.toMatchObject({
          stderr: expect.stringMatching(
            /sell-kafka: |"level":"error"/,
          ) as string,
        });
        expect(stdout).not.toMatch(/FAILED|^$/);
        expect(performance.now() - startMs).toBeLessThan(WITHIN_MS);
      }
      const [device] = Object.values(simulator.state().devices);
      expect(device).toMatchObject({ acknowledged: 30, pending: 0 });
    },
  );

  it("end nobody else's connector in a folder, nor the process", async () => {
    await using simulator = await Simulator.start({ records: 40 });
    await using folder = await folderOf(brokers());
    await using flood = await flooding();
    await using negative = await FalseBroker.rude((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () => socket.write(Buffer.from("ffffffff", "hex")));
    });
    await using random = await FalseBroker.start(({ correlationId }) => {
      const bytes = Buffer.alloc(64, 0x7f);
      bytes.writeInt32BE(60, 0);
      bytes.writeInt32BE(correlationId, 4);
      return bytes;
    });
    const port = await freePort();
    const { prefix, connector } = folder;
    await folder.put("a.json", {
      ...connector("a", simulator.url),
      server: { port },
    });
    const bad = { flood, negative, random };
    for (const [name, { address }] of Object.entries(bad))
      await folder.put(`${name}.json`, {
        ...connector(name, simulator.url),
        kafka: { brokers: [address] },
      });
    const stopping = new AbortController();
    const ended = sellKafka(["run", "--config", folder.path], {
      stopping: stopping.signal,
    });
    const line = async (name: string) =>
      (await fleetStatus(port))?.connectors.find(
        (one) => one.name === `${prefix}-${name}`,
      );
    await expect.poll(async () => (await line("a"))?.acknowledged).toBe(40);
    for (const name of Object.keys(bad))
      expect(await line(name)).toMatchObject({ ready: false });
    stopping.abort(new Error("the test ends"));
    expect(await ended).toMatchObject({ exitCode: 0 });
  });
});

describe("a broker that the cluster sends its clients to", () => {
  const trialAt = (sellUrl: string, seed: FalseBroker, guarantee: string) =>
    trialOf(sellUrl, {
      kafka: { brokers: [seed.address] },
      delivery: { guarantee, giveUpAfterMs: 13_000 },
    });
  const told = ({ address }: FalseBroker) =>
    new RegExp(`sends its clients to ${address} \\(advertised\\.listeners`);

  it.concurrent.for(["at-least-once", "exactly-once"])(
    "and that is silent is named within 15 s (%s)",
    async (guarantee) => {
      await using silentNode = await silent();
      const ports = () => [silentNode.port];
      await using seed = await FalseBroker.start(healthily, ports);
      await using simulator = await Simulator.start({ records: 1 });
      await using trial = await trialAt(simulator.url, seed, guarantee);
      const config = ["--config", trial.configPath];
      const stopping = new AbortController();
      const heard = told(silentNode);
      const startMs = performance.now();
      let toldMs = Infinity;
      const running = sellKafka(["run", ...config], {
        stopping: stopping.signal,
        onStderr: (line) => {
          if (!heard.test(line)) return;
          toldMs = Math.min(toldMs, performance.now() - startMs);
          stopping.abort(new Error("the test ends"));
        },
      });
      const [synced, checked] = await Promise.all([
        sellKafka(["sync", ...config]),
        sellKafka(["check", ...config]),
        running,
      ]);
      expect(toldMs).toBeLessThan(WITHIN_MS);
      expect(synced.stderr).toMatch(/last trouble \(publish\): the cluster/);
      expect(synced.stderr).toMatch(heard);
      expect(checked.stdout).toMatch(/no answer within 20 s; the cluster/);
      expect(checked.stdout).toMatch(heard);
    },
  );
});
