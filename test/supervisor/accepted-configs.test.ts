// A folder runs what is right beside what is wrong, and no two connectors under one name.
import { describe, expect, it } from "vitest";
import type { FolderFile } from "../../src/config/folder/config-folder.ts";
import { parseConfig } from "../../src/config/load-config.ts";
import { ConfigError } from "../../src/config/problem.ts";
import {
  nextAcceptedConfigs,
  type AcceptedConfigs,
} from "../../src/supervisor/accepted-configs.ts";

interface Given {
  readonly name: string;
  readonly account?: string;
  readonly pattern?: string;
  readonly brokers?: string[];
}

async function good(given: Given): Promise<FolderFile> {
  const { name, account = "a", pattern = "{name}.{type}" } = given;
  const text = JSON.stringify({
    name,
    sell: { accessToken: account.repeat(64) },
    kafka: { brokers: given.brokers ?? ["kafka:9092"] },
    topics: { pattern },
  });
  return { config: await parseConfig(text, name, {}), print: text };
}

function bad(print = "bad"): FolderFile {
  const problem = { path: "sell", message: "is required" };
  return { config: new ConfigError("x.json", [problem]), print };
}

function acceptedConfigs(
  files: Readonly<Record<string, FolderFile>>,
  before: AcceptedConfigs = new Map(),
): AcceptedConfigs {
  return nextAcceptedConfigs(before, new Map(Object.entries(files)));
}

/** The names that may run, by file; null for none. */
function accepted(of: AcceptedConfigs): Record<string, string | null> {
  return Object.fromEntries(
    [...of].map(([file, entry]) => [file, entry.accepted?.config.name ?? null]),
  );
}

function problems(of: AcceptedConfigs): string[] {
  return [...of.values()].flatMap(({ problem }) => problem ?? []);
}

describe("the acceptedConfigs of a folder", () => {
  it("accepts what is right, beside what is wrong", async () => {
    const now = acceptedConfigs({
      "a.json": await good({ name: "a" }),
      "b.json": bad(),
    });
    expect(accepted(now)).toEqual({ "a.json": "a", "b.json": null });
    expect(problems(now)).toEqual([
      expect.stringContaining("sell is required"),
    ]);
  });

  it("goes on with what was accepted while the file is wrong", async () => {
    const one = await good({ name: "a" });
    const broken = acceptedConfigs(
      { "a.json": bad() },
      acceptedConfigs({ "a.json": one }),
    );
    expect(accepted(broken)).toEqual({ "a.json": "a" });
    expect(problems(broken)).toHaveLength(1);
    const mended = acceptedConfigs({ "a.json": one }, broken);
    expect(problems(mended)).toEqual([]);
  });

  it("refuses two that come together under one name", async () => {
    const one = await good({ name: "a" });
    const now = acceptedConfigs({ "a.json": one, "copy.json": one });
    expect(accepted(now)).toEqual({ "a.json": null, "copy.json": null });
    expect(problems(now)).toEqual([
      expect.stringContaining("name is a, as in copy.json"),
      expect.stringContaining("name is a, as in a.json"),
    ]);
  });

  it("refuses one that comes under the name of another, until that has gone", async () => {
    const one = await good({ name: "a" });
    const files = { "a.json": await good({ name: "a" }), "0.json": one };
    const now = acceptedConfigs(files, acceptedConfigs({ "a.json": one }));
    expect(accepted(now)).toEqual({ "0.json": null, "a.json": "a" });
    expect(accepted(acceptedConfigs({ "0.json": one }, now))).toEqual({
      "0.json": "a",
    });
  });

  it("lets two exchange their names", async () => {
    const [a, b] = [await good({ name: "a" }), await good({ name: "b" })];
    const now = acceptedConfigs(
      { "1.json": b, "2.json": a },
      acceptedConfigs({ "1.json": a, "2.json": b }),
    );
    expect(accepted(now)).toEqual({ "1.json": "b", "2.json": "a" });
  });

  it("runs no name twice when one of them has to go back to it", async () => {
    const [a, c] = [await good({ name: "a" }), await good({ name: "c" })];
    const before = acceptedConfigs({ "1.json": a, "3.json": c });
    const now = acceptedConfigs(
      { "1.json": { ...c, print: "c" }, "2.json": a, "3.json": c },
      before,
    );
    expect(accepted(now)).toEqual({
      "1.json": "a",
      "2.json": null,
      "3.json": "c",
    });
  });

  it.each([
    ["sell.{type}", "sell.{type}", true],
    ["{name}.{type}", "{name}.{type}", false],
    ["sell.{type}", "sell.{type}.v2", false],
    ["sell.{type}", "sell.deal_{type}", true],
    ["sell.{type}", "sell.deal", true],
    ["sell.{type}", "crm.deal", false],
    ["sell", "sell", true],
    ["sell", "crm", false],
    ["sell.{type}", "sell.eu.{type}", false],
  ])(
    "topics %s and %s of two accounts: shared is %s",
    async (one, two, isShared) => {
      const now = acceptedConfigs({
        "a.json": await good({ name: "a", account: "a", pattern: one }),
        "b.json": await good({ name: "b", account: "b", pattern: two }),
      });
      expect(problems(now).length > 0).toBe(isShared);
      const sameAccount = acceptedConfigs({
        "a.json": await good({ name: "a", pattern: one }),
        "b.json": await good({ name: "b", pattern: two }),
      });
      expect(problems(sameAccount)).toEqual([]);
      const otherCluster = acceptedConfigs({
        "a.json": await good({ name: "a", account: "a", pattern: one }),
        "b.json": await good({
          name: "b",
          account: "b",
          pattern: two,
          brokers: ["other:9092"],
        }),
      });
      expect(problems(otherCluster)).toEqual([]);
    },
  );
});
