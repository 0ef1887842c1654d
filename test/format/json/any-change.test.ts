// Any item of any page keeps every digit in every envelope.
import fc from "fast-check";
import { expect, it } from "vitest";
import { createEncoder } from "../../../src/format/create-encoder.ts";
import { decodePage } from "../../../src/sell/wire.ts";
import { systemClock } from "../../../src/lib/clock.ts";

const space = fc.constantFrom("", " ", "\n\t", "  ");
/** JSON text of a value that a parse and a stringify would not give back. */
const literal = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.bigInt().map(String),
  fc.constantFrom("1.0", "1e400", "-0", "12345678901234567890.10", '"\\u00e9"'),
);
const members = fc.array(fc.tuple(fc.string(), literal, space));
const textOf = (all: readonly (readonly [string, string, string])[]) =>
  `{${all.map(([name, value, gap]) => `${JSON.stringify(name)}${gap}:${gap}${value}`).join(",")}}`;

const data = members.map(textOf);
const sync = fc.record(
  { event_type: literal, ack_key: literal, revision: literal },
  { requiredKeys: [] },
);
const meta = fc
  .tuple(fc.oneof(fc.constant('"contact"'), literal), sync)
  .map(([type, hints]) => {
    const pairs = Object.entries(hints).map(
      ([name, one]) => `"${name}":${one}`,
    );
    return `{"type":${type},"sync":{${pairs.join(",")}}}`;
  });
const items = fc.array(
  fc
    .tuple(data, meta, space)
    .map(([one, about, gap]) => `{"data":${gap}${one}${gap},"meta":${about}}`),
);

it("every item of every page is kept to the last digit, in every envelope", () => {
  const encoders = (["change", "flat", "cloudevents"] as const).map(
    (envelope) =>
      createEncoder({
        envelope,
        value: "json",
        tombstones: true,
        origin: { version: "1", connectorName: "c", device: "d" },
        registry: null,
        autoRegister: true,
        topicPerType: true,
        clock: systemClock,
      }),
  );
  fc.assert(
    fc.property(items, space, (texts, gap) => {
      const body = `{${gap}"items":[${texts.join(`,${gap}`)}]}`;
      const page = decodePage(Buffer.from(body), "s", 1);
      expect(page.items.map(({ item }) => item.toString())).toEqual(texts);
      for (const item of page.items) {
        if (item.kind !== "change") continue;
        const own = item.data.toString();
        expect(item.item.toString()).toContain(own);
        for (const encoder of encoders)
          for (const { value, headers } of encoder.encode(item, "t")) {
            if (value !== null) expect(value.toString()).toContain(own);
            for (const header of Object.values(headers))
              expect(header).toBeTypeOf("string");
          }
      }
    }),
    { numRuns: 500 },
  );
});

it("a change envelope is JSON, whatever is in it", () => {
  const encoder = createEncoder({
    envelope: "change",
    value: "json",
    tombstones: true,
    origin: { version: "1", connectorName: "c", device: "d" },
    registry: null,
    autoRegister: true,
    topicPerType: true,
    clock: systemClock,
  });
  fc.assert(
    fc.property(items, (texts) => {
      const body = Buffer.from(`{"items":[${texts.join(",")}]}`);
      for (const item of decodePage(body, "s", 1).items) {
        if (item.kind !== "change") continue;
        const [record] = encoder.encode(item, "t");
        const json = JSON.parse(String(record?.value)) as {
          before: unknown;
          after: unknown;
          source: { ack_key: string | null };
        };
        const state = item.op === "d" ? json.before : json.after;
        expect(state).toEqual(JSON.parse(item.data.toString()));
        expect(json.source.ack_key).toBe(item.ackKey);
      }
    }),
    { numRuns: 300 },
  );
});
