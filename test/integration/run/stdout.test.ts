/** `sync --stdout` prints what Kafka would get, waits for the registry as Kafka's way does, and acknowledges nothing. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { sellKafka } from "../../support/process/command.ts";
import { trialOf, type Trial } from "../../support/process/connector.ts";
import { servers } from "../../support/kafka/kafka.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

/** A registry that is away for its first requests. */
async function startLateRegistry(target: string, awayFor: number) {
  let requests = 0;
  const server = createServer((request, response) => {
    if (++requests <= awayFor) {
      response.writeHead(503).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "GET", url = "/" } = request;
      const hasBody = method !== "GET" && method !== "HEAD";
      void fetch(target + url, {
        method,
        ...(hasBody && {
          headers: { "content-type": "application/json" },
          body: Buffer.concat(chunks),
        }),
      }).then(async (answer) => {
        response.writeHead(answer.status).end(await answer.text());
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get requests() {
      return requests;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const NO_TYPE = '{"data":{"id":2},"meta":{"sync":{"ack_key":"k"}}}';

const printed = ({ configPath }: Trial) =>
  sellKafka(["sync", "--stdout", "--config", configPath]);

interface Line {
  readonly topic: string;
  readonly key: string;
  readonly value: unknown;
}

const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);

it.skipIf(servers === null)(
  "waits for a registry that is away, and prints Avro in base64",
  async () => {
    await using registry = await startLateRegistry(
      servers?.registryUrl ?? "",
      3,
    );
    await using sell = await ScriptedSell.start([
      [pageOf([item({ id: 1 }), NO_TYPE])],
    ]);
    await using trial = await trialOf(sell.url, {
      format: { value: "avro" },
      schemaRegistry: { url: registry.url },
    });
    const { stdout, exitCode } = await printed(trial);
    expect(registry.requests).toBeGreaterThan(3);
    const lines = linesOf(stdout);
    const record = lines.find(({ topic }) => topic === `${trial.name}.contact`);
    expect(Buffer.from(String(record?.value), "base64")[0]).toBe(0);
    const deadLetter = lines.find(
      ({ topic }) => topic === trial.deadLetterTopic,
    );
    expect(deadLetter?.value).toEqual(JSON.parse(NO_TYPE));
    expect(exitCode).toBe(0);
    expect(sell.acknowledged).toEqual([]);
  },
);

it("prints no older state behind a newer one, as Kafka would get none", async () => {
  await using sell = await ScriptedSell.start([
    [
      pageOf([item({ id: 1, revision: 2 }), item({ id: 1, revision: 1 })]),
      pageOf([item({ id: 2, revision: 5 })]),
    ],
  ]);
  await using trial = await trialOf(sell.url);
  const { stdout, exitCode } = await printed(trial);
  expect(exitCode).toBe(0);
  const revisions = linesOf(stdout).map(
    ({ value }) => (value as { source: { revision: number } }).source.revision,
  );
  expect(revisions).toEqual([1, 2, 5]);
  expect(sell.acknowledged).toEqual([]);
});
