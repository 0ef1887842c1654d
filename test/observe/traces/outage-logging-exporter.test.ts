// A collector of traces that is away is warned of once, until it was back.
import { PassThrough } from "node:stream";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import { expect, it } from "vitest";
import { createLogger } from "../../../src/observe/log/logger.ts";
import { OutageLoggingExporter } from "../../../src/observe/traces/outage-logging-exporter.ts";

type Done = Parameters<SpanExporter["export"]>[1];

/** An exporter whose answers a test gives. */
function loggedExporter() {
  const asked: Done[] = [];
  const log = new PassThrough();
  const exporter = new OutageLoggingExporter(
    {
      export: (_, done) => asked.push(done),
      shutdown: () => Promise.resolve(),
    },
    createLogger("info", log),
  );
  const spans = (count: number) =>
    Array.from<unknown>({ length: count }) as Parameters<
      SpanExporter["export"]
    >[0];
  return {
    exporter,
    send: (count: number) => {
      exporter.export(spans(count), () => undefined);
    },
    answer: (error?: Error) => {
      const result: unknown = { code: error === undefined ? 0 : 1, error };
      asked.shift()?.(result as Parameters<Done>[0]);
    },
    lines: () =>
      String(log.read() ?? "")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .map(({ level, msg, lostSpans }) => [level, msg, lostSpans]),
  };
}

const refused = Object.assign(new Error("no"), { code: "ECONNREFUSED" });

it("warns once while a collector is away, and again only after it was back", () => {
  const { send, answer, lines } = loggedExporter();
  for (const error of [refused, refused, undefined, undefined, refused]) {
    send(10);
    answer(error);
  }
  expect(lines()).toEqual([
    ["warn", "traces can't be sent", 10],
    ["info", "traces are sent again", 20],
    ["warn", "traces can't be sent", 10],
  ]);
});

it("tells at the end what has not been sent, and nothing after it", () => {
  const { exporter, send, answer, lines } = loggedExporter();
  send(3);
  send(4);
  exporter.end();
  answer(refused);
  answer();
  expect(lines()).toEqual([["warn", "traces can't be sent", 7]]);

  const other = loggedExporter();
  other.send(3);
  other.answer(refused);
  other.send(4);
  other.exporter.end();
  expect(other.lines()).toHaveLength(1);
});
