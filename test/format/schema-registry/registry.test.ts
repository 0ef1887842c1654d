// A schema registry that answers nonsense or without end is a fault, and takes no memory.
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { Registry } from "../../../src/format/schema-registry/registry.ts";
import { UnavailableFault } from "../../../src/domain/faults.ts";
import { endlessly, serving } from "../../support/http/local-server.ts";

const { signal } = new AbortController();
const SCHEMA = '{"type":"record","name":"a","fields":[]}';

type Answer = string | ((response: ServerResponse) => void);

/** What a registry that answers so is taken for. */
async function faultOf(
  ask: (registry: Registry) => Promise<unknown>,
  answer: (path: string) => Answer,
): Promise<Error | null> {
  await using server = await serving(({ url = "" }, response) => {
    const step = answer(url);
    if (typeof step === "function") step(response);
    else response.end(step);
  });
  return await ask(new Registry({ url: server.url })).then(
    () => null,
    (error: unknown) => error as Error,
  );
}

const register = (registry: Registry) =>
  registry.register("s", { kind: "AVRO", text: SCHEMA }, signal);
const latest = (registry: Registry) => registry.latest("s", signal);
const byId = (registry: Registry) => registry.byId(1, signal);
const subjects = (registry: Registry) => registry.subjects(signal);

describe("a registry that answers nonsense", () => {
  const nonsense = ["", "{", "null", "7", "[]", '"x"', "{}"];
  it.each(
    [
      ["register", register],
      ["latest", latest],
      ["byId", byId],
      ["subjects", subjects],
    ].flatMap(([name, ask]) =>
      nonsense.map((body) => [name, body, ask] as const),
    ) as [string, string, typeof register][],
  )("%s: %j is a fault of that request", async (name, body, ask) => {
    const fault = await faultOf(ask, () => body);
    if (name === "subjects" && body === "[]") expect(fault).toBeNull();
    else expect(fault).toBeInstanceOf(UnavailableFault);
  });

  it("is refused by the number of its values before they take memory", async () => {
    const many = `{"id":1,"schema":"{}","x":[${"{},".repeat(300_000)}{}]}`;
    const fault = await faultOf(latest, () => many);
    expect(fault?.message).toContain("more than 200000 JSON values");
  });

  it.each(["{}", "null", "7", '["BACKWARD"]', "true"])(
    "takes no compatibility level of %s",
    async (level) => {
      const fault = await faultOf(
        register,
        () => `{"compatibilityLevel":${level}}`,
      );
      expect(fault).toBeInstanceOf(UnavailableFault);
      expect(fault?.message).toContain("compatibilityLevel");
    },
  );

  it.each(["-1", "1.5", "2147483648", "1e300", '"7"', "{}", "null"])(
    "takes no id of %s",
    async (id) => {
      const registered = await faultOf(register, (path) =>
        path.startsWith("/config")
          ? '{"compatibilityLevel":"BACKWARD"}'
          : `{"id":${id}}`,
      );
      expect(registered?.message).toContain('"id"');
      const body = `{"id":${id},"schema":"\\"string\\""}`;
      expect((await faultOf(latest, () => body))?.message).toContain('"id"');
    },
  );

  it.each(["{}", "null", "7", '""', "[]"])(
    "takes no schema of %s",
    async (schema) => {
      const body = `{"id":1,"schema":${schema}}`;
      for (const ask of [latest, byId])
        expect((await faultOf(ask, () => body))?.message).toContain('"schema"');
    },
  );
});

describe("the kind of a schema", () => {
  const bodyOf = (schemaType: unknown) =>
    JSON.stringify({ id: 1, schema: SCHEMA, schemaType });

  it.each([
    [undefined, "AVRO"],
    [null, "AVRO"],
    ["AVRO", "AVRO"],
    ["JSON", "JSON"],
    ["PROTOBUF", "PROTOBUF"],
  ])("%j is %s", async (schemaType, kind) => {
    for (const ask of [latest, byId]) {
      let schema: unknown;
      await faultOf(
        async (registry) => (schema = await ask(registry)),
        () => bodyOf(schemaType),
      );
      expect(schema).toEqual({ id: 1, kind, text: SCHEMA });
    }
  });

  it.each(["XML", 7, {}])("is never %j", async (schemaType) => {
    const fault = await faultOf(latest, () => bodyOf(schemaType));
    expect(fault).toBeInstanceOf(UnavailableFault);
    expect(fault?.message).toContain('"schemaType"');
  });
});

describe("a registry that answers without end", () => {
  it.each([
    ["subjects", subjects, "/"],
    ["config", register, "/config"],
    ["register", register, "/subjects"],
  ] as const)("%s: is cut off", async (_, ask, at) => {
    let sent = () => 0;
    const fault = await faultOf(ask, (path) =>
      path.startsWith(at)
        ? (response) => {
            sent = endlessly(response);
          }
        : '{"compatibilityLevel":"BACKWARD"}',
    );
    expect(fault).toBeInstanceOf(UnavailableFault);
    expect(fault?.message).toContain("16777216 bytes");
    expect(sent()).toBeLessThan(64 * 1024 * 1024);
  });
});
