// Zendesk's own client drains the simulator: the simulator speaks Sell's protocol.
import { describe, expect, inject, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { runPython } from "../../support/python/python.ts";

const packages = inject("python");

describe.skipIf(packages === null)("Zendesk's own client", () => {
  it("drains the simulator, and gets nothing the second time", async () => {
    await using simulator = await Simulator.start({ records: 1_500 });
    const token = "0123456789abcdef".repeat(4);
    const output = await runPython(
      packages ?? "",
      "test/support/python/drain_with_basecrm.py",
      [simulator.url, token, "python-device"],
    );
    const { first, second, received } = JSON.parse(output) as {
      first: number;
      second: number;
      received: [type: string, ackKey: string, data: string][];
    };
    expect([first, second]).toEqual([1_500, 0]);
    expect(new Set(received.map(([, ackKey]) => ackKey)).size).toBe(1_500);
    const state = simulator.state();
    expect(state.devices["python-device"]).toMatchObject({
      pending: 0,
      acknowledged: 1_500,
    });
    expect(state.violations).toEqual({});
  });
});
