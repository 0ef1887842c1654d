// The simulator tells custom fields as Sell's Core API does, with odd names, to tokens with the read scope.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SimulatedFields } from "../../src/simulator/custom-fields.ts";
import { Simulator } from "../../src/simulator/server.ts";

interface Definition {
  readonly data: { readonly id: number; readonly name: string };
}

async function ask(url: string, resource = "contact", token = "t".repeat(64)) {
  const answer = await fetch(`${url}/v2/${resource}/custom_fields`, {
    headers: { authorization: `Bearer ${token}`, "user-agent": "test" },
  });
  const body = (await answer.json()) as { readonly items?: Definition[] };
  return { status: answer.status, body, items: body.items ?? [] };
}

describe("the definitions of custom fields", () => {
  it("are told for each resource, with the names that records have", async () => {
    await using simulator = await Simulator.start({ records: 200 });
    const { items } = await ask(simulator.url);
    const names = items.map(({ data }) => data.name);
    expect(names).toContain("Region");
    const { world } = simulator;
    for (let index = 0; index < world.size; index++) {
      if (world.state(index).type !== "contact") continue;
      const data = JSON.parse(world.data(index)) as { custom_fields: object };
      for (const name of Object.keys(data.custom_fields))
        expect(names).toContain(name);
    }
    for (const resource of ["lead", "deal"])
      expect((await ask(simulator.url, resource)).items).toHaveLength(8);
    const other = await ask(simulator.url, "prospect_and_customer");
    expect(other.items).toEqual([]);
    expect(simulator.state()).toMatchObject({
      requests: { custom_fields: { 200: 4 } },
      violations: {},
    });
  });

  it("have odd names, or are more than 500, when it is told so", async () => {
    await using simulator = await Simulator.start({
      ...{ records: 60, customFields: ["odd", "many"] },
    });
    const { items } = await ask(simulator.url);
    expect(items.length).toBeGreaterThan(500);
    const names = items.map(({ data }) => data.name);
    expect(names).toContain("");
    expect(names.some((name) => name.length === 120)).toBe(true);
    expect(new Set(items.map(({ data }) => data.id)).size).toBe(items.length);
  });

  it("are refused to tokens without the read scope", async () => {
    await using simulator = await Simulator.start({
      ...{ records: 40, readToken: "r".repeat(64) },
    });
    const refused = await ask(simulator.url);
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({
      errors: [{ error: { code: "insufficient_scope" } }],
    });
    const read = await ask(simulator.url, "contact", "r".repeat(64));
    expect(read.status).toBe(200);
  });
});

describe("while the simulator runs", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("a field is renamed after 10 seconds, and one gets another type after 20", () => {
    const fields = new SimulatedFields();
    const ended = new AbortController();
    fields.begin(["rename", "retype"], ended.signal);
    expect(fields.body("deal")).toContain('"name":"Region"');
    vi.advanceTimersByTime(10_000);
    expect(fields.body("deal")).toContain('"name":"Sales region"');
    const typeOfLegacyId = () =>
      (
        JSON.parse(fields.body("deal")) as {
          items: { data: { name: string; type: string } }[];
        }
      ).items.find(({ data }) => data.name === "Legacy id")?.data.type;
    expect(typeOfLegacyId()).toBe("number");
    vi.advanceTimersByTime(10_000);
    expect(typeOfLegacyId()).toBe("string");
    ended.abort();
    expect(vi.getTimerCount()).toBe(0);
  });
});
