// What each command prints with --json, beside real servers, has the shape that docs/cli.md promises.
import { describe, expect, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { mismatches } from "../../support/documents/json-shapes.ts";
import { brokers, servers } from "../../support/kafka/kafka.ts";
import { sellKafka } from "../../support/process/command.ts";
import { trialOf, type Trial } from "../../support/process/connector.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

const url = servers?.registryUrl ?? "";

async function printed(
  { configPath }: Trial,
  ...args: readonly string[]
): Promise<{ exitCode: number; value: unknown }> {
  const { exitCode, stdout } = await sellKafka([
    ...args,
    "--json",
    "--config",
    configPath,
  ]);
  return { exitCode, value: JSON.parse(stdout) };
}

describe.skipIf(servers === null)("the documented JSON", () => {
  it("is that of commands about what a drain left", async () => {
    const page = pageOf([
      item({ id: 7 }),
      item({ id: 8, revision: 2, eventType: "deleted" }),
      item({ id: 9, type: "a b" }),
    ]);
    await using sell = await ScriptedSell.start([[page], [page]]);
    await using trial = await trialOf(sell.url, {
      format: { value: "avro" },
      schemaRegistry: { url },
    });
    const { exitCode, summary } = await trial.sync();
    expect(exitCode).toBe(0);
    expect(mismatches(summary, "sync")).toEqual([]);
    expect(summary).toMatchObject({ result: "complete", problems: [] });

    const listed = await printed(trial, "dead-letters", "list", "--each");
    expect(listed.value).toHaveLength(1);
    const [{ id } = { id: "" }] = listed.value as { id: string }[];
    for (const [name, args] of [
      ["check", ["check"]],
      ["explain", ["explain", "contact", "7"]],
      ["explain", ["explain", "contact", "7", "--value"]],
      ["explain", ["explain", "contact", "8", "--value"]],
      ["explain", ["explain", "contact", "4711"]],
      ["explain", ["explain", "a b", "9"]],
      ["audit", ["audit"]],
      ["dead-letters list", ["dead-letters", "list"]],
      ["dead-letters list --each", ["dead-letters", "list", "--each"]],
      ["dead-letters show", ["dead-letters", "show", id]],
      [
        "dead-letters dismiss",
        ["dead-letters", "dismiss", "--all", "--reason", "spam"],
      ],
      ["dead-letters list", ["dead-letters", "list", "--dismissed"]],
      ["dead-letters replay", ["dead-letters", "replay", "--all", "--dry-run"]],
      ["dead-letters replay", ["dead-letters", "replay", id]],
      ["schemas --register", ["schemas", "deal", "--register"]],
    ] as const) {
      const { value } = await printed(trial, ...args);
      expect(mismatches(value, name), args.join(" ")).toEqual([]);
    }
    const unknown = await printed(trial, "dead-letters", "show", "0/4711");
    expect(unknown.exitCode).toBe(2);
    expect(mismatches(unknown.value, "Failure")).toEqual([]);
  });

  it("is that of a drain that leaves something", async () => {
    await using simulator = await Simulator.start({ records: 30 });
    await using trial = await trialOf(simulator.url, {
      topics: { create: false },
    });
    const { exitCode, summary } = await trial.sync();
    expect(exitCode).toBe(1);
    expect(mismatches(summary, "sync")).toEqual([]);
    expect(summary.result).toBe("incomplete");
    expect(summary.problems.join()).toMatch(/30 items are deferred: /);
  });

  it("is that of the demo", async () => {
    const { exitCode, stdout } = await sellKafka(
      ["demo", "--json", "--for", "0.1", "--records", "60"],
      { env: { SELL_KAFKA_TEST_BROKERS: brokers().join(",") } },
    );
    expect(exitCode).toBe(0);
    expect(mismatches(JSON.parse(stdout), "demo")).toEqual([]);
  });
});
