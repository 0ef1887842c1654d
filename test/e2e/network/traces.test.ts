// Traces tell of each part of a drain and lead to its records; a collector that fails holds up nothing.
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { sellKafka } from "../../support/process/command.ts";
import { configFile } from "../../support/process/config-file.ts";
import { TOKEN, trialOf } from "../../support/process/connector.ts";
import { folderOf } from "../../support/process/folder.ts";
import { brokers, readTopics, servers } from "../../support/kafka/kafka.ts";
import { Program } from "../../support/process/program.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";
import { TraceCollector } from "../../support/http/trace-collector.ts";

const guarantees = ["at-least-once", "exactly-once"] as const;
const sessions = () => [
  [
    pageOf([item({ id: 1, data: '{"id":1,"name":"Ada Lovelace"}' })]),
    { status: 503 },
    pageOf([
      item({ id: 2, eventType: "deleted" }),
      item({ id: 3, type: "no legal topic" }),
    ]),
  ],
];

describe.skipIf(servers === null)("traces", () => {
  it.each(guarantees)(
    "tell of each drain, fetch, publication and acknowledgement, and lead to the records (%s)",
    async (guarantee) => {
      await using collector = await TraceCollector.start();
      await using sell = await ScriptedSell.start(sessions());
      await using trial = await trialOf(sell.url, { delivery: { guarantee } });
      await using program = new Program(
        ["sync", "--config", trial.configPath],
        {
          env: {
            OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
            OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20of%20traces",
            OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test",
          },
        },
      );
      expect(await program.ended).toMatchObject({ code: 0 });
      expect(new Set(collector.paths)).toEqual(new Set(["/v1/traces"]));
      expect(collector.headers[0]).toMatchObject({
        "content-type": "application/x-protobuf",
        authorization: "Bearer of traces",
      });

      const [drain, ...others] = collector.named("drain");
      expect(others).toEqual([]);
      expect(drain).toMatchObject({
        parentId: "",
        isError: false,
        attributes: { "sell_kafka.drain.end": "complete" },
        resource: {
          "service.name": "sell-kafka",
          "sell_kafka.connector": trial.name,
          "deployment.environment": "test",
        },
      });
      const within = collector.spans.filter((span) => span !== drain);
      for (const span of within) {
        expect(span.parentId).toBe(drain?.spanId);
        expect(span.traceId).toBe(drain?.traceId);
        expect(span.durationMs).toBeGreaterThanOrEqual(0);
      }
      const answers = collector
        .named("fetch")
        .map(({ attributes }) => attributes["http.response.status_code"]);
      expect(answers).toEqual(expect.arrayContaining([200, 503, 204]));
      expect(
        collector.named("fetch").filter((one) => one.isError),
      ).toHaveLength(1);
      expect(collector.named("start")).toHaveLength(sell.starts);
      expect(collector.named("ack").length).toBeGreaterThan(0);

      const publications = new Map(
        collector
          .named("publish")
          .map((span) => [
            `00-${span.traceId}-${span.spanId}-01`,
            span.attributes,
          ]),
      );
      const records = (await readTopics(trial.owns)).filter(
        ({ topic }) => !topic.startsWith("sell-kafka."),
      );
      // Two changes, a tombstone, and a dead letter.
      expect(records).toHaveLength(4);
      for (const { headers } of records)
        expect(publications.has(headers["traceparent"] ?? "")).toBe(true);
      const sum = (fate: string) =>
        [...publications.values()].reduce(
          (total, counts) => total + Number(counts[`sell_kafka.${fate}`] ?? 0),
          0,
        );
      expect(sum("published")).toBe(2);
      expect(sum("dead_lettered")).toBe(1);
      expect(trial.proxy.broken).toEqual([]);

      expect(Buffer.concat(collector.bodies).includes("Lovelace")).toBe(false);
    },
  );

  it("name the connector of a folder whose work they tell of", async () => {
    await using collector = await TraceCollector.start();
    await using first = await ScriptedSell.start(sessions());
    await using second = await ScriptedSell.start(sessions());
    await using folder = await folderOf(brokers());
    const { prefix, connector } = folder;
    await folder.put("a.json", connector("a", first.url));
    await folder.put("b.json", connector("b", second.url));
    await using program = new Program(["run", "--config", folder.path], {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    });
    await expect
      .poll(() => [first, second].map((sell) => sell.acknowledged.length), {
        timeout: 30_000,
      })
      .toEqual([3, 3]);
    program.kill("SIGTERM");
    expect(await program.ended).toMatchObject({ code: 0 });

    const traceOf = (header = "") => header.split("-")[1] ?? "";
    const tracesOf = (name: string) =>
      collector
        .named("publish")
        .filter(({ resource }) => resource["sell_kafka.connector"] === name)
        .map(({ traceId }) => traceId);
    for (const name of [`${prefix}-a`, `${prefix}-b`]) {
      const records = await readTopics((topic) => topic === name);
      expect(records.length).toBeGreaterThan(0);
      for (const { headers } of records)
        expect(tracesOf(name)).toContain(traceOf(headers["traceparent"]));
    }
  });

  it("hold up nothing while the collector is away", async () => {
    await using sell = await ScriptedSell.start(sessions());
    await using trial = await trialOf(sell.url);
    await using program = new Program(["sync", "--config", trial.configPath], {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" },
    });
    expect(await program.ended).toMatchObject({ code: 0 });
    expect(sell.acknowledged).toHaveLength(3);
  });
});

const silence = () => undefined;
const collectors: [string, string, (socket: Socket) => void][] = [
  ["takes no connection", "sync", (socket) => socket.resetAndDestroy()],
  ["is silent", "sync", silence],
  ["is silent", "run", silence],
  [
    "answers 500 slowly",
    "run",
    (socket) =>
      void setTimeout(() => {
        socket.end(
          "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        );
      }, 1_500).unref(),
  ],
  [
    "answers without end",
    "sync",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n");
      const drip = setInterval(() => socket.write("x"), 50);
      socket.on("close", () => {
        clearInterval(drip);
      });
    },
  ],
  [
    "answers garbage",
    "sync",
    (socket) => socket.end("\0\u0001garbage\r\n\r\n"),
  ],
];

describe("traces for a collector", () => {
  it.each(collectors)(
    "that %s keep %s from ending for two seconds at most, and are told of once",
    async (_, command, answer) => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket.on("error", silence).on("data", silence));
        answer(socket);
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      await using sell = await ScriptedSell.start([[pageOf([item()])]]);
      await using config = await configFile({
        name: "traced",
        sell: { baseUrl: sell.url, accessToken: TOKEN },
        kafka: { brokers: ["127.0.0.1:1"] },
      });
      await using program = new Program(
        [command, "--stdout", "--config", config.path],
        { env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` } },
      );
      await program.says(command === "run" ? '"drained"' : '"topic"');
      const startMs = performance.now();
      if (command === "run") program.kill("SIGTERM");
      expect(await program.ended).toEqual({ code: 0, signal: null });
      expect(performance.now() - startMs).toBeLessThan(2_000);
      const warnings = program.stderr.match(/.*"level":"warn".*/g) ?? [];
      expect(warnings).toHaveLength(1);
      expect(JSON.parse(warnings[0] ?? "")).toMatchObject({
        msg: "traces can't be sent",
        lostSpans: expect.any(Number) as number,
      });
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  );
});

describe("traces", () => {
  const loads = async (env: Record<string, string>) => {
    await using sell = await ScriptedSell.start([[pageOf([item()])]]);
    await using config = await configFile({
      name: "traced",
      sell: { baseUrl: sell.url, accessToken: TOKEN },
      kafka: { brokers: ["127.0.0.1:1"] },
    });
    const told = `data:text/javascript,${encodeURIComponent(
      `import { registerHooks } from "node:module";
       registerHooks({ load: (url, context, next) => {
         if (url.includes("/@opentelemetry/")) console.error("loaded", url);
         return next(url, context);
       } });`,
    )}`;
    await using program = new Program(
      ["sync", "--stdout", "--config", config.path],
      { env, nodeArgs: ["--import", told] },
    );
    expect(await program.ended).toMatchObject({ code: 0 });
    expect(program.stdout).not.toContain("traceparent");
    return program.stderr.includes("loaded");
  };

  it("load nothing when nobody asks for them", async () => {
    await using collector = await TraceCollector.start();
    const wanted = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    expect(await loads({})).toBe(false);
    expect(await loads({ ...wanted, OTEL_SDK_DISABLED: "true" })).toBe(false);
    expect(collector.paths).toEqual([]);
    expect(await loads(wanted)).toBe(true);
    expect(collector.named("publish")).not.toEqual([]);
  });

  it("are asked for with an address that can be one", async () => {
    await using config = await configFile({
      name: "traced",
      sell: { accessToken: TOKEN },
      kafka: { brokers: ["127.0.0.1:1"] },
    });
    expect(
      await sellKafka(["sync", "--config", config.path], {
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" },
      }),
    ).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        "OTEL_EXPORTER_OTLP_ENDPOINT must be an http:// or https:// address",
      ) as string,
    });
  });
});
