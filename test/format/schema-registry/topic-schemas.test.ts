// Proves under which subjects a topic's schema is registered, and when it is asked for again.
import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { RecordFault, TypeFault } from "../../../src/domain/faults.ts";
import { avroFormat } from "../../../src/format/avro/avro-format.ts";
import { Registry } from "../../../src/format/schema-registry/registry.ts";
import { TopicSchemas } from "../../../src/format/schema-registry/topic-schemas.ts";
import { serving } from "../../support/http/local-server.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const { signal } = new AbortController();
const LATEST = "GET /subjects/t-value/versions/latest";
const REGISTER = "POST /subjects/t-value/versions";

type Reply = readonly [status: number, body: object];

/** The schemas of topics with a registry that answers by a table, and the requests that it got. */
async function schemasWith(
  replies: Record<string, Reply>,
  autoRegister = true,
) {
  const requests: string[] = [];
  const server = await serving(
    ({ method = "", url = "" }: IncomingMessage, response) => {
      requests.push(`${method} ${url}`);
      const [status, body] = replies[`${method} ${url}`] ?? [404, {}];
      response.writeHead(status).end(JSON.stringify(body));
    },
  );
  const clock = new FakeClock();
  const schemas = new TopicSchemas({
    registry: new Registry({ url: server.url }),
    ...{ autoRegister, clock, shape: "row", topicPerType: true },
    schemas: avroFormat.schemas,
    compile: ({ id }) => id,
  });
  return {
    schemas,
    requests,
    clock,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const json = { id: 3, schemaType: "JSON", schema: "{}" };
const avro = { id: 4, schema: '"string"' };

describe("the schema of a topic", () => {
  it("is registered once, and then there", async () => {
    await using trial = await schemasWith({ [REGISTER]: [200, { id: 7 }] });
    const { schemas, requests } = trial;
    expect(() => schemas.of("t")).toThrow(TypeFault);
    for (let round = 0; round < 2; round++)
      await schemas.prepare("contact", "t", signal);
    expect(schemas.of("t")).toBe(7);
    expect(requests.filter((one) => one === REGISTER)).toHaveLength(1);
  });

  it("is not registered under a subject that holds another kind", async () => {
    await using trial = await schemasWith({
      [LATEST]: [200, json],
      [REGISTER]: [200, { id: 7 }],
    });
    const { schemas, requests } = trial;
    await expect(schemas.prepare("contact", "t", signal)).rejects.toThrow(
      "is of the kind JSON, and format.value needs AVRO (t-value)",
    );
    expect(requests).not.toContain(REGISTER);
  });

  it("is registered also by a user who may not read", async () => {
    await using trial = await schemasWith({
      [LATEST]: [403, {}],
      [REGISTER]: [200, { id: 7 }],
    });
    await trial.schemas.prepare("contact", "t", signal);
    expect(trial.schemas.of("t")).toBe(7);
  });

  it("is asked for again only after a while when it was refused", async () => {
    const replies: Record<string, Reply> = { [LATEST]: [200, json] };
    await using trial = await schemasWith(replies, false);
    const { schemas, requests, clock } = trial;
    const prepare = () => schemas.prepare("contact", "t", signal);
    for (let round = 0; round < 2; round++)
      await expect(prepare()).rejects.toThrow("register a valid Avro schema");
    expect(requests).toEqual([LATEST]);
    replies[LATEST] = [200, avro];
    await clock.advance(10_000);
    await prepare();
    expect(schemas.of("t")).toBe(4);
  });
});

describe("a record that does not fit", () => {
  it("is a dead letter with this program's schema, and waits with an operator's", async () => {
    await using own = await schemasWith({});
    expect(own.schemas.misfit("t", "why", "with x")).toBeInstanceOf(
      RecordFault,
    );
    await using other = await schemasWith({ [LATEST]: [200, avro] }, false);
    await other.schemas.prepare("contact", "t", signal);
    const fault = other.schemas.misfit("t", "why", "with x");
    expect(fault).toBeInstanceOf(TypeFault);
    expect(fault.message).toBe("why (t-value); register a schema with x");
    await other.schemas.prepare("contact", "t", signal);
    expect(other.requests).toEqual([LATEST, LATEST]);
  });
});
