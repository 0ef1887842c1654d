// A process that runs a folder follows each change of its files, and keeps a wrong one from the others.
import { describe, expect, it } from "vitest";
import { freePort } from "../../../src/local/free-port.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { sellKafka } from "../../support/process/command.ts";
import { fleetStatus, folderOf } from "../../support/process/folder.ts";
import { brokers, readTopics, servers } from "../../support/kafka/kafka.ts";

describe.skipIf(servers === null)("a folder of connectors", () => {
  it("runs what is right, beside what is wrong, and follows each change", async () => {
    await using first = await Simulator.start({ records: 60 });
    await using second = await Simulator.start({ records: 40 });
    await using folder = await folderOf(brokers());
    const port = await freePort();
    const { prefix, connector } = folder;
    const [a, b] = [`${prefix}-a`, `${prefix}-b`];
    await folder.put("a.json", {
      ...connector("a", first.url),
      server: { port },
    });
    await folder.put("broken.json", '{"name": "broken"');
    await folder.put(
      "denied.json",
      connector("denied", "http://127.0.0.1:1", {
        sell: { requestTimeoutMs: 500 },
      }),
    );
    const stopping = new AbortController();
    const ended = sellKafka(["run", "--config", folder.path], {
      stopping: stopping.signal,
    });
    const status = () => fleetStatus(port);
    const line = async (name: string) =>
      (await status())?.connectors.find((one) => one.name === name);

    await expect.poll(async () => (await line(a))?.acknowledged).toBe(60);
    expect(await line(a)).toMatchObject({ state: "running", ready: true });
    expect(await line(`${prefix}-denied`)).toMatchObject({ ready: false });
    expect(await status()).toMatchObject({
      headline: `2 of 3 connectors run; ${prefix}-denied is not ready; broken.json is refused`,
      refused: [
        {
          file: "broken.json",
          reason: expect.stringContaining("it is not JSON") as string,
        },
      ],
    });
    const text = async (path: string) =>
      (await fetch(`http://127.0.0.1:${port}/${path}`)).text();
    const metrics = await text("metrics");
    for (const figure of [
      `sell_kafka_acks_confirmed_total{connector="${a}"} 60`,
      `sell_kafka_connectors{state="running"} 2`,
      `sell_kafka_connector_ready{connector="${a}"} 1`,
      `sell_kafka_connector_ready{connector="${prefix}-denied"} 0`,
      `sell_kafka_config_refused{file="broken.json"} 1`,
      "sell_kafka_process_ready 1",
      "process_cpu_seconds_total",
    ])
      expect(metrics).toContain(figure);
    const names = metrics.match(/^# TYPE \S+/gm) ?? [];
    expect(new Set(names).size).toBe(names.length);
    expect(await text("")).toContain("Connectors");
    expect(await text(`connectors/${a}/`)).toContain("status.js");
    expect(JSON.parse(await text(`connectors/${a}/status`))).toMatchObject({
      connector: a,
      totals: { acknowledged: 60 },
    });
    expect(await text(`connectors/none/status`)).toContain("nothing");

    await folder.put("b.json", connector("b", second.url));
    await folder.put("copy.json", connector("a", second.url));
    await expect.poll(async () => (await line(b))?.acknowledged).toBe(40);
    await expect
      .poll(async () => JSON.stringify((await status())?.troubles))
      .toContain(`name is ${a}, as in a.json`);
    const untouched = await line(a);

    const changed = connector("b", second.url, { sell: { epoch: 1 } });
    await folder.put("b.json", changed);
    await expect
      .poll(() => Object.values(second.state().devices).length)
      .toBe(2);
    await expect.poll(async () => (await line(b))?.acknowledged).toBe(40);
    expect((await line(a))?.published).toBe(untouched?.published);

    await folder.put("cluster.json", {
      group: prefix,
      kafka: { brokers: brokers() },
    });
    await expect
      .poll(async () => JSON.stringify((await status())?.troubles))
      .toContain("was not there when this instance was started");

    await folder.remove("b.json");
    await expect.poll(() => line(b)).toBeUndefined();
    stopping.abort(new Error("the test ends"));
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(0);
    expect(stderr).toContain('"file":"broken.json"');
    expect(stderr).not.toContain(`${a}....`);
    expect(await readTopics((topic) => topic === a)).toHaveLength(60);
    expect(await readTopics((topic) => topic === b)).toHaveLength(80);
  });

  it("waits for its first file", async () => {
    await using simulator = await Simulator.start({ records: 20 });
    await using folder = await folderOf(brokers());
    const stopping = new AbortController();
    const ended = sellKafka(["run", "--config", folder.path], {
      stopping: stopping.signal,
    });
    await folder.put("a.json", folder.connector("a", simulator.url));
    await expect
      .poll(() => Object.values(simulator.state().devices)[0]?.acknowledged)
      .toBe(20);
    stopping.abort(new Error("the test ends"));
    expect((await ended).exitCode).toBe(0);
  });
});
