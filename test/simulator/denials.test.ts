// The simulator plays a Sell that refuses the token, as often as it is told, in Sell's own words.
import { describe, expect, it } from "vitest";
import { denials, parseFaults } from "../../src/simulator/faults.ts";
import { Simulator } from "../../src/simulator/server.ts";

const headers = {
  authorization: `Bearer ${"x".repeat(64)}`,
  "x-basecrm-device-uuid": "device",
  "user-agent": "test",
};

function start(url: string): Promise<Response> {
  return fetch(`${url}/v2/sync/start`, { method: "POST", headers });
}

describe.each([
  ["401", "unauthorized"],
  ["403", "insufficient_scope"],
])("the fault %s", (fault, code) => {
  it("refuses every request with the probability 1", async () => {
    await using simulator = await Simulator.start({
      faults: parseFaults(`${fault}=1`),
    });
    const answer = await start(simulator.url);
    expect(answer.status).toBe(Number(fault));
    expect(await answer.json()).toMatchObject({
      errors: [{ error: { code } }],
      meta: {
        type: "errors",
        http_status: expect.stringContaining(fault) as string,
      },
    });
    const { faults, requests, violations } = simulator.state();
    expect(faults).toEqual({ [fault]: 1 });
    expect(requests).toEqual({ start: { [fault]: 1 } });
    expect(violations).toEqual({});
  });

  it("happens now and then without a probability", async () => {
    await using simulator = await Simulator.start({
      faults: parseFaults(fault),
      seed: 7,
    });
    for (let left = 100; left > 0; left--)
      await (await start(simulator.url)).arrayBuffer();
    const times = simulator.state().faults;
    expect(Object.values(times)[0]).toBeGreaterThan(2);
    expect(Object.values(times)[0]).toBeLessThan(30);
  });
});

it("knows both as denials", () => {
  expect(denials).toEqual(["401", "403"]);
});
