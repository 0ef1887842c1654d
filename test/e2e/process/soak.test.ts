// A connector that is killed in each phase of its work loses nothing, with either guarantee.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { javaProblem } from "../../../src/local/native.ts";
import { KafkaGate } from "../../soak/kafka-gate.ts";
import { phases, type Guarantee } from "../../soak/phases.ts";
import { soak } from "../../soak/soak.ts";
import { Watch } from "../../soak/watch.ts";
import { Cluster } from "../../support/kafka/cluster.ts";

const WITHIN_MS = 600_000;

const problem = await javaProblem();
if (problem !== null && process.env["CI"] === "true") throw new Error(problem);

// A broker of its own, since it crashes too; `npm run soak` goes on for longer.
describe.skipIf(problem !== null)("a connector that is killed", () => {
  const watch = new Watch();
  const gate = new KafkaGate(watch.meets);
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start({
      size: 1,
      before: (port) => gate.before(port),
    });
  }, WITHIN_MS);
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await gate[Symbol.asyncDispose]();
  });

  it.each<{ guarantee: Guarantee; crashEvery: number }>([
    { guarantee: "at-least-once", crashEvery: 5 },
    { guarantee: "exactly-once", crashEvery: Infinity },
  ])(
    "in each phase of its work loses nothing, $guarantee",
    { timeout: WITHIN_MS },
    async ({ guarantee, crashEvery }) => {
      const kills = phases[guarantee].length;
      const report = await soak({
        ...{ cluster, size: 1, watch, guarantee, kills, crashEvery },
        seed: 5,
      });
      expect(Object.values(report.kills)).toEqual(Array(kills).fill(1));
      expect(report.lost).toEqual([]);
      expect(report.violations).toEqual({});
      expect(report.handedOut).toBeGreaterThan(kills);
      if (guarantee === "exactly-once") expect(report.duplicates).toBe(0);
    },
  );
});
