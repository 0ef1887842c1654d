// Proves under which subjects a topic's schema is registered, and when it is asked for again.
import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import {
  unknownFields,
  type CustomField,
} from "../../../src/domain/custom-fields.ts";
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

/** A registry that answers by a table, and the requests that it gets. */
async function registryWith(replies: Record<string, Reply>) {
  const requests: string[] = [];
  const server = await serving(
    ({ method = "", url = "" }: IncomingMessage, response) => {
      requests.push(`${method} ${url}`);
      const [status, body] = replies[`${method} ${url}`] ?? [404, {}];
      response.writeHead(status).end(JSON.stringify(body));
    },
  );
  return { server, requests };
}

/** The schemas of topics with a registry that answers by a table, and the requests that it got. */
async function schemasWith(
  replies: Record<string, Reply>,
  autoRegister = true,
) {
  const { server, requests } = await registryWith(replies);
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

describe("the schema of columns", () => {
  const columns = avroFormat.schemas.columns.text("contact", "row", {
    ...{ latest: null, fields: [field("Region")] },
  });
  const registered: Reply = [200, { id: 4, schema: columns }];

  it("keeps the columns that the newest registered schema has", async () => {
    await using trial = await columnsWith(() => [], {
      [LATEST]: registered,
      [REGISTER]: [200, { id: 5 }],
    });
    await trial.schemas.prepare("contact", "t", signal);
    expect(trial.schemas.of("t")).toEqual({ id: 5, names: ["cf_region"] });
  });

  it("is registered anew when the definitions change, and only then", async () => {
    let fields = [field("Region")];
    await using trial = await columnsWith(() => fields, {
      [LATEST]: registered,
      [REGISTER]: [200, { id: 5 }],
    });
    const { schemas, requests } = trial;
    for (let round = 0; round < 2; round++)
      await schemas.prepare("contact", "t", signal);
    expect(requests.filter((one) => one === REGISTER)).toHaveLength(1);
    fields = [...fields, { ...field("New"), id: "2" }];
    for (let round = 0; round < 2; round++)
      await schemas.prepare("contact", "t", signal);
    expect(requests.filter((one) => one === REGISTER)).toHaveLength(2);
    expect(schemas.of("t")).toMatchObject({ names: ["cf_region", "cf_new"] });
  });

  it.each<[string, Reply]>([
    ["incompatible", [409, { message: "no" }]],
    ["invalid", [422, { message: "no" }]],
    ["not allowed", [403, {}]],
    ["impossible now", [500, {}]],
  ])(
    "stays the registered one when the next version is %s, told, until the registry takes it",
    async (_, refusal) => {
      const replies: Record<string, Reply> = {
        [LATEST]: registered,
        [REGISTER]: refusal,
      };
      await using trial = await columnsWith(
        () => [field("Region"), { ...field("New"), id: "2" }],
        replies,
      );
      const { schemas, clock } = trial;
      await schemas.prepare("contact", "t", signal);
      expect(schemas.of("t")).toEqual({ id: 4, names: ["cf_region"] });
      expect(trial.kept).toEqual(["t-value"]);
      replies[REGISTER] = [200, { id: 5 }];
      await schemas.prepare("contact", "t", signal);
      expect(schemas.of("t")).toMatchObject({ id: 4 });
      await clock.advance(60_000);
      await schemas.prepare("contact", "t", signal);
      expect(schemas.of("t")).toMatchObject({ id: 5 });
      expect(trial.kept).toEqual([]);
    },
  );

  it.each<[string, Reply]>([
    ["none", [404, {}]],
    [
      "of another layout",
      [200, { id: 4, schema: avroFormat.schemas.text("contact", "row") }],
    ],
    [
      "of another envelope",
      [
        200,
        {
          id: 4,
          schema: avroFormat.schemas.columns.text("contact", "envelope", {
            latest: null,
            fields: null,
          }),
        },
      ],
    ],
  ])(
    "is a fault of its type when it is refused and the registered one is %s",
    async (_, latest) => {
      await using trial = await columnsWith(() => [], {
        [LATEST]: latest,
        [REGISTER]: [409, { message: "not this way" }],
      });
      await expect(
        trial.schemas.prepare("contact", "t", signal),
      ).rejects.toThrow("not this way");
    },
  );

  it("is a fault of its type for a user who may not read the names of before", async () => {
    await using trial = await columnsWith(() => [], {
      [LATEST]: [403, {}],
      [REGISTER]: [200, { id: 5 }],
    });
    await expect(
      trial.schemas.prepare("contact", "t", signal),
    ).rejects.toBeInstanceOf(TypeFault);
  });
});

function field(name: string): CustomField {
  return { id: "1", resource: null, name, kind: "text", holders: "all" };
}

/** The schemas of columns, the subjects whose registered schema is kept, and the requests. */
async function columnsWith(
  fields: () => CustomField[],
  replies: Record<string, Reply>,
) {
  const { server, requests } = await registryWith(replies);
  const clock = new FakeClock();
  const kept = new Set<string>();
  let known = fields();
  const schemas = new TopicSchemas({
    registry: new Registry({ url: server.url }),
    ...{ autoRegister: true, clock, shape: "row", topicPerType: true },
    schemas: avroFormat.schemas,
    columns: {
      customFields: {
        ...unknownFields,
        of: () => {
          if (fields().length !== known.length) known = fields();
          return known;
        },
      },
      schemaKept: (subject, why) => {
        if (why === null) kept.delete(subject);
        else kept.add(subject);
      },
    },
    compile: ({ id, text }) => ({ id, names: customNamesIn(text) }),
  });
  return {
    schemas,
    requests,
    clock,
    get kept() {
      return [...kept];
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function customNamesIn(text: string): string[] {
  const { fields } = JSON.parse(text) as { fields: { name: string }[] };
  return fields
    .map(({ name }) => name)
    .filter((name) => name.startsWith("cf_"));
}

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
