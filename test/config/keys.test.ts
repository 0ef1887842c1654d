// Each key of the definition takes its value from the environment as the kind that it is, and each
// secret is known as one. A new key is covered without a change here.
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { keysIn, valueAt, type Key } from "../../src/config/config-path.ts";
import {
  configDefinition,
  credentialPaths,
  secretPaths,
} from "../../src/config/definition/config.ts";
import { interpolate } from "../../src/config/interpolate.ts";
import { shownValue } from "../../src/config/shown-value.ts";

type Type = z.core.$ZodTypes;

const keys = keysIn(configDefinition);
const named = keys.map((key) => [key.path.join("."), key] as const);

function typed(kind: Type["_zod"]["def"]["type"]) {
  return named.flatMap(([name, key]) =>
    key.types
      .filter((type) => type._zod.def.type === kind)
      .map((type) => [name, key, type] as const),
  );
}

/** The value of a key once a text came for it from the environment. */
async function filled({ path }: Key, VALUE: string): Promise<unknown> {
  const json = path.reduceRight<unknown>(
    (value, step) => ({ [step]: value }),
    "${env:VALUE}",
  );
  const { value, problems, filledPaths } = await interpolate(
    json,
    configDefinition,
    { env: { VALUE }, folder: "/", read: () => Promise.reject(new Error()) },
  );
  expect(problems).toEqual([]);
  expect([...filledPaths]).toContain(path.join("."));
  return valueAt(value, path);
}

function accepts(type: Type, value: unknown): boolean {
  return (type as unknown as z.ZodType).safeParse(value).success;
}

/** The words of an enum, or the word of a literal. */
function wordsOf({ _zod: { def } }: Type): string[] {
  if (def.type === "enum") return Object.values(def.entries).map(String);
  return def.type === "literal" ? def.values.map(String) : [];
}

it("every key is of a kind that can come from the environment, or holds other keys", () => {
  expect(keys.length).toBeGreaterThan(55);
  for (const [name, { types }] of named)
    for (const type of types)
      expect([name, type._zod.def.type]).toEqual([
        name,
        expect.stringMatching(
          /^(object|record|array|string|number|boolean|enum|literal)$/,
        ),
      ]);
});

describe("a number", () => {
  it.each(typed("number"))("%s arrives as one", async (_, key, type) => {
    const { maxValue } = type as unknown as z.ZodNumber;
    const some = [1, maxValue].find((value) => accepts(type, value));
    expect(some).toBeTypeOf("number");
    expect(await filled(key, String(some))).toBe(some);
    expect(await filled(key, "many")).toBe("many");
  });

  it("may be a fraction, and negative", async () => {
    const key = { path: ["sell", "requestsPerSecond"], types: [] };
    expect(await filled(key, "0.25")).toBe(0.25);
    const factor = { path: ["topics", "replicationFactor"], types: [] };
    expect(await filled(factor, "-1")).toBe(-1);
  });
});

describe("a boolean", () => {
  it.each(typed("boolean"))("%s arrives as one", async (_, key) => {
    expect(await filled(key, "true")).toBe(true);
    expect(await filled(key, "false")).toBe(false);
    expect(await filled(key, "yes")).toBe("yes");
  });
});

describe("a list", () => {
  it.each(typed("array"))("%s arrives as one", async (_, key) => {
    expect(await filled(key, "a, b,c")).toEqual(["a", "b", "c"]);
    expect(await filled(key, "a")).toEqual(["a"]);
  });
});

describe("a choice", () => {
  it.each([...typed("enum"), ...typed("literal")])(
    "%s arrives as one of its words",
    async (_, key, type) => {
      const words = wordsOf(type);
      expect(words.length).toBeGreaterThan(0);
      for (const word of words) {
        const value = await filled(key, word);
        expect(value).toBe(word);
        expect(accepts(type, value)).toBe(true);
      }
    },
  );
});

describe("a text", () => {
  it.each(typed("string"))("%s stays one", async (_, key) => {
    for (const text of ["12345678901", "true", "a,b", ""])
      expect(await filled(key, text)).toBe(text);
  });
});

it("the settings of topics stay texts", async () => {
  const key = { path: ["topics", "config", "partitions"], types: [] };
  expect(await filled(key, "3")).toBe("3");
});

describe("a secret", () => {
  const byName = named
    .map(([name]) => name)
    .filter((name) => /(token|password|secret|passphrase|key)$/i.test(name));

  it("is every key that is called like one", () => {
    expect([...secretPaths].sort()).toEqual(byName.sort());
    expect(secretPaths).toContain("sell.accessToken");
  });

  it("and the name beside it are credentials", () => {
    const names = credentialPaths.filter((path) => !secretPaths.includes(path));
    expect(names.sort()).toEqual([
      "kafka.sasl.clientId",
      "kafka.sasl.username",
      "schemaRegistry.oauth.clientId",
      "schemaRegistry.username",
    ]);
  });

  it.each(secretPaths)("%s is not shown, whatever stands there", (path) => {
    for (const value of ["hunter2", 4711, ["hunter2"], { hunter2: 4711 }])
      expect(shownValue(value, path.split("."), configDefinition)).not.toMatch(
        /hunter2|4711/,
      );
  });
});
