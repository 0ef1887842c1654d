import type { Change } from "../../src/domain/change.ts";
import type {
  CustomFieldKind,
  CustomFieldList,
} from "../../src/domain/custom-fields.ts";
import {
  readRowSchema,
  typesWithSchema,
} from "../../src/format/schema-files.ts";
import type { AvroField, AvroSchema } from "../../src/format/avro/schemas.ts";
import { Random } from "../../src/simulator/random.ts";
import { change } from "../support/builders.ts";

const ops = ["c", "u", "u", "u", "d"] as const;
const types: readonly [string, ...string[]] = [
  "hologram",
  ...typesWithSchema(),
];

/** JSON texts that a careless reader or writer gets wrong. */
const oddTexts: readonly [string, ...string[]] = [
  "null",
  ...["true", "false", "0", "-0", "1.0", "-1", "1e2", "1e400", "12.50"],
  ...["9223372036854775807", "9223372036854775808", "-9223372036854775808"],
  ...["9".repeat(60), `0.${"1".repeat(20)}`, "123456789012345678.123456789"],
  ...[
    '""',
    '"7"',
    '"12,50"',
    '"1000.50"',
    '"0.12e4"',
    '"null"',
    '"gr\\u00f6\\u00dfe"',
  ],
  ...['"größe 😀"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\u0000\\u001f\\u007f"'],
  ...['"\\"\\\\\\/\\b\\f\\n\\r\\t"', `"${"long ".repeat(500)}"`],
  ...['"2026-11-23T10:00:00Z"', '"2026-11-23T10:00:00.123456789+05:30"'],
  ...['"0000-00-00"', '"0000-01-01T00:00:00Z"', '"0001-01-01T00:00:00+01:00"'],
  ...[
    '"9999-12-31T23:59:59Z"',
    '"9999-12-31T23:59:59.999999-12:00"',
    '"2026-02-30"',
  ],
  ...['"0001-01-01T00:00:00Z"', '"2026-11-23 10:00:00.5Z"', '"4/27/2016"'],
  ...["[]", "{}", "[null]", "[[]]", '["a",null,1]', '["a","b"]', "[1,2,300]"],
  ...[
    '{"":null}',
    '{"a":{"b":[1.0]}}',
    '{"line1":"x","city":null}',
    '{"line1":7}',
  ],
  ...[
    '[{"amount":"1.5","currency":"EUR"},{}]',
    '[{"amount":"x"}]',
    '{"id":1,"name":"n"}',
  ],
  ...[
    '{"__proto__":1,"constructor":"x"}',
    `${"[".repeat(60)}${"]".repeat(60)}`,
  ],
  ...['{"Said \\"yes\\"?":["x"],"a.b":1,"größe":"75.0","\\ud800":1}'],
];

const oddNames: readonly [string, ...string[]] = [
  "surprise",
  ...["extra", "", "id", "__proto__", "constructor", "a.b", "größe 😀"],
  ...["toString", "x".repeat(300), "\u0000", "Value", "\ud800"],
];

const kinds: readonly [CustomFieldKind, readonly [string, ...string[]]][] = [
  ["text", ['"Lisbon"', '""', '"größe 😀"']],
  ["number", ["75", '"75.25"', "-0.5"]],
  ["boolean", ["true", "false"]],
  ["date", ['"2026-04-27"', '"4/27/2016"']],
  ["date-time", ['"2026-04-28T06:00:00Z"', '"4/28/2016 6:00"']],
  ["choice", ['"Gold"', '{"id":1,"name":"Gold"}']],
  ["choices", ['["a","b"]', '[{"id":1,"name":"a"}]', "[]"]],
  ["address", ['{"line1":"x","city":"y"}', '{"country":"PT"}']],
];

/** Custom fields of each kind, with names that a column can't have. */
export const fuzzedCustomFields: CustomFieldList = [
  ...kinds.map(([kind], at) => ({
    id: String(at + 1),
    name: `A ${kind}`,
    kind,
  })),
  { id: "20", name: "Region", kind: "choice" as const },
  { id: "21", name: "region", kind: "text" as const },
  { id: "22", name: "", kind: "text" as const },
  { id: "23", name: "日本語", kind: "number" as const },
].map((one) => ({ ...one, resource: null, holders: "all" }));

const textsOfKind = new Map(kinds);

/** Changes of all types, the same for the same seed. */
export function* fuzzed(count: number, seed: number): Generator<Change> {
  const random = new Random(seed);
  for (let place = 0; place < count; place++) {
    const type = random.pick(types);
    const text = objectText(membersOf(type, random));
    const op = random.pick(ops);
    const id = String(place + 1);
    yield change({ type, id, op, data: Buffer.from(text) });
  }
}

function membersOf(type: string, random: Random): Map<string, string> {
  const fields = fieldsOf(type);
  const members = new Map<string, string>();
  for (const { name, type: own } of fields)
    if (random.chance(0.6))
      members.set(
        name,
        random.chance(0.7) ? usualText(own, random) : random.pick(oddTexts),
      );
  while (random.chance(0.5))
    members.set(random.pick(oddNames), random.pick(oddTexts));
  return members;
}

function objectText(members: ReadonlyMap<string, string>): string {
  const texts = [...members].map(
    ([name, text]) => `${JSON.stringify(name)} : ${text}`,
  );
  return `{ ${texts.join(" ,")} }`;
}

const fieldsByType = new Map<string, readonly AvroField[]>();

function fieldsOf(type: string): readonly AvroField[] {
  const known = fieldsByType.get(type);
  if (known !== undefined) return known;
  const { fields } = JSON.parse(
    readRowSchema(type === "hologram" ? "generic" : type),
  ) as { fields: AvroField[] };
  const wanted = fields.filter(({ name }) => name !== "extra");
  fieldsByType.set(type, wanted);
  return wanted;
}

function customFieldsOf(random: Random): Map<string, string> {
  const members = new Map([["Seats", "89"]]);
  for (const { name, kind } of fuzzedCustomFields)
    if (random.chance(0.3))
      members.set(
        name,
        random.pick(
          random.chance(0.7) ? (textsOfKind.get(kind) ?? oddTexts) : oddTexts,
        ),
      );
  if (random.chance(0.2))
    members.set(random.pick(oddNames), random.pick(oddTexts));
  return members;
}

/** What a field usually holds. */
function usualText(type: AvroSchema, random: Random): string {
  if (type instanceof Array) return usualText(type[1] ?? "null", random);
  if (type === "long") return String(Math.floor(random.next() * 2 ** 40));
  if (type === "boolean") return random.chance(0.5) ? "true" : "false";
  if (typeof type === "string") return `"text ${random.next()}"`;
  if (type.logicalType === "decimal")
    return `"${(random.next() * 1e6).toFixed(2)}"`;
  if (type.logicalType !== undefined)
    return `"${new Date(Math.floor(random.next() * 4e12)).toISOString()}"`;
  if (type.type === "map") return objectText(customFieldsOf(random));
  if (type.type === "array")
    return `[${usualText(type.items ?? "null", random)}]`;
  return `{${(type.fields ?? [])
    .map((field) => `"${field.name}":${usualText(field.type, random)}`)
    .join()}}`;
}
