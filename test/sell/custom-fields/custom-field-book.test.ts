// Definitions are asked for at first, hourly and for unknown names, never in a storm, and their lack stops nothing.
import { describe, expect, it } from "vitest";
import type { CustomField } from "../../../src/domain/custom-fields.ts";
import { DeniedFault, UnavailableFault } from "../../../src/domain/faults.ts";
import { CustomFieldBook } from "../../../src/sell/custom-fields/custom-field-book.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const { signal } = new AbortController();
const ROUND = ["contact", "prospect_and_customer", "lead", "deal"];

function field(id: string, name: string, resource: string | null = null) {
  return { id, name, resource, kind: "text", holders: "all" } as const;
}

function bookOf(answer: (resource: string) => readonly CustomField[]) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const told: (string | null)[] = [];
  const book = new CustomFieldBook({
    client: {
      async fields(resource) {
        asked.push(resource);
        return Promise.resolve([...answer(resource)]);
      },
    },
    clock,
    told: (unknownBecause) => {
      told.push(unknownBecause);
    },
  });
  return { book, clock, asked, told };
}

describe("the definitions of custom fields", () => {
  it("are asked for once, and again after an hour", async () => {
    const { book, clock, asked } = bookOf(() => [field("1", "Region")]);
    for (let time = 0; time < 5; time++)
      await book.learn("deal", ["Region"], signal);
    expect(asked).toEqual(ROUND);
    const before = book.of("deal");
    await clock.advance(3_600_000);
    await book.learn("deal", ["Region"], signal);
    await book.ask(signal);
    expect(asked).toEqual([...ROUND, ...ROUND]);
    expect(book.of("deal")).toBe(before);
  });

  it("of contacts are those of two resources", async () => {
    const { book } = bookOf((resource) =>
      resource === "contact"
        ? [field("2", "Size"), field("1", "Region")]
        : [field("1", "Region", resource), field("2", "Other", resource)],
    );
    await book.ask(signal);
    expect(book.of("contact")).toEqual([
      field("1", "Region"),
      field("2", "Size"),
      field("2", "Other", "prospect_and_customer"),
    ]);
    expect(book.of("note")).toBeNull();
  });

  it("are asked for when a name is unknown, before its record goes on", async () => {
    const fields = [field("1", "Region")];
    const { book } = bookOf(() => fields);
    await book.learn("lead", ["Region"], signal);
    fields.push(field("2", "New"));
    await book.learn("lead", ["New"], signal);
    expect(book.of("lead")).toHaveLength(2);
  });

  it("are asked for once a minute for a name that stays unknown, and never in a storm", async () => {
    const { book, clock, asked } = bookOf(() => []);
    await book.learn("lead", ["Never"], signal);
    await clock.advance(1_000);
    const before = asked.length;
    for (let time = 0; time < 100; time++)
      await book.learn("lead", ["Never"], signal);
    const once = asked.length - before;
    expect(once).toBeLessThanOrEqual(ROUND.length);
    for (let time = 0; time < 100; time++)
      await book.learn("lead", [`Name ${time}`], signal);
    expect(asked.length - before).toBeLessThanOrEqual(3 * ROUND.length);
    const stormed = asked.length;
    await clock.advance(60_000);
    await book.learn("lead", ["Never"], signal);
    expect(asked.length).toBe(stormed + ROUND.length);
  });

  it("that are refused are unknown, for an hour, and keep nothing waiting", async () => {
    const { book, clock, asked, told } = bookOf(() => {
      throw new DeniedFault("sell", "needs the read scope");
    });
    await book.learn("deal", ["Region"], signal);
    expect(book.of("deal")).toBeNull();
    expect(told).toEqual(["needs the read scope"]);
    await clock.advance(600_000);
    await book.learn("deal", ["Region"], signal);
    expect(asked).toEqual(ROUND);
  });

  it("that can't be had now are asked for a minute later, and stay as they were", async () => {
    let isAway = false;
    const { book, clock, told } = bookOf(() => {
      if (isAway) throw new UnavailableFault("away");
      return [field("1", "Region")];
    });
    await book.ask(signal);
    isAway = true;
    await book.ask(signal);
    expect(book.of("deal")).toHaveLength(1);
    isAway = false;
    await clock.advance(60_000);
    await book.learn("deal", [], signal);
    expect(told).toEqual([null, "away", null]);
  });

  it("that never come hold records up for five seconds", async () => {
    const clock = new FakeClock();
    const book = new CustomFieldBook({
      client: { fields: () => new Promise(() => undefined) },
      clock,
      told: () => undefined,
    });
    const learning = book.learn("deal", ["Region"], signal);
    await clock.advance(5_000);
    await learning;
    await book.learn("deal", ["Region"], signal);
    expect(book.of("deal")).toBeNull();
  });

  it("that stop coming hold records with an unknown name up once", async () => {
    const clock = new FakeClock();
    let isHanging = false;
    const book = new CustomFieldBook({
      client: {
        fields: () =>
          isHanging ? new Promise(() => undefined) : Promise.resolve([]),
      },
      clock,
      told: () => undefined,
    });
    await book.ask(signal);
    isHanging = true;
    const learning = book.learn("deal", ["New"], signal);
    await clock.advance(5_000);
    await learning;
    await clock.advance(60_000);
    await book.learn("deal", ["New"], signal);
    await book.learn("deal", ["Newer"], signal);
    expect(book.of("deal")).toEqual([]);
  });

  it("are not waited for by a connector that stops", async () => {
    const stopping = new AbortController();
    const book = new CustomFieldBook({
      client: { fields: () => new Promise(() => undefined) },
      clock: new FakeClock(),
      told: () => undefined,
    });
    const learning = book.learn("deal", ["Region"], stopping.signal);
    stopping.abort(new Error("stopping"));
    await expect(learning).rejects.toThrow("stopping");
  });
});
