// A report's file appears under its name once it is whole; what is in its way is told before the audit.
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../../../../src/app/usage-error.ts";
import { ReportFile } from "../../../../src/cli/commands/audit/report-file.ts";
import { sellKafka } from "../../../support/process/command.ts";
import { configFile } from "../../../support/process/config-file.ts";
import {
  runWithFileLimit,
  sourceUrl,
} from "../../../support/process/limited.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "report-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("the file of a report", () => {
  it("appears when it is whole, for its owner alone", async () => {
    const path = join(folder, "audit.json");
    {
      await using file = await ReportFile.create(path);
      const seen: string[][] = [];
      function* parts() {
        for (const part of ["{", '"a":1', "}\n"]) yield part;
      }
      expect(await readdir(folder)).not.toContain("audit.json");
      expect(await file.write(parts())).toBeNull();
      seen.push(await readdir(folder));
      expect(seen).toEqual([["audit.json"]]);
    }
    expect(await readFile(path, "utf8")).toBe('{"a":1}\n');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["audit.json"]);
  });

  it("leaves nothing when it is not written, or breaks off", async () => {
    const path = join(folder, "audit.json");
    {
      await using file = await ReportFile.create(path);
      function* broken() {
        yield "half";
        throw new Error("the ledger is gone");
      }
      const problem = await file.write(broken());
      expect(problem?.message).toContain(`not written to ${path}`);
      expect(problem?.message).toContain("the ledger is gone");
    }
    {
      await using unused = await ReportFile.create(path);
      expect(unused).toBeInstanceOf(ReportFile);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it("says at the end that its folder is gone", async () => {
    const inner = join(folder, "inner");
    await mkdir(inner);
    await using file = await ReportFile.create(join(inner, "audit.json"));
    await rm(inner, { recursive: true });
    const problem = await file.write(["{}"]);
    expect(problem?.message).toContain(`there is no folder ${inner}`);
  });

  it.each([
    ["taken.json", "is there already; --out writes a new file"],
    ["inner", "is a folder; --out names a file in it"],
    ["dangling", "is there already"],
    ["nowhere/audit.json", "there is no folder"],
    ["taken.json/audit.json", "is no folder"],
    [`${"x".repeat(300)}.json`, "ENAMETOOLONG"],
  ])("refuses %s beforehand", async (name, words) => {
    await writeFile(join(folder, "taken.json"), "mine");
    await mkdir(join(folder, "inner"));
    await symlink(join(folder, "elsewhere"), join(folder, "dangling"));
    const before = await readdir(folder);
    const creating = ReportFile.create(join(folder, name));
    await expect(creating).rejects.toThrow(UsageError);
    await expect(creating).rejects.toThrow(words);
    expect(await readdir(folder)).toEqual(before);
    expect(await readFile(join(folder, "taken.json"), "utf8")).toBe("mine");
  });

  it.each([
    ["beforehand", 20, "UsageError", /no space is left in/],
    ["at the end", 100, "ReportUnwritten", /not written to .*: /],
  ])("tells of a full disk %s", async (_, kibibytes, name, reason) => {
    const path = join(folder, "audit.json");
    const output = await runWithFileLimit(
      kibibytes,
      `
      import { ReportFile } from ${JSON.stringify(sourceUrl("cli/commands/audit/report-file.ts"))};
      try {
        await using file = await ReportFile.create(${JSON.stringify(path)});
        const problem = await file.write(Array(20).fill("x".repeat(10_000)));
        console.log(problem.name, problem.message);
      } catch (error) {
        console.log(error.name, error.message);
      }`,
    );
    expect(output).toMatch(new RegExp(`^${name} `));
    expect(output).toMatch(reason);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("audit --out", () => {
  it("ends with 2 before it reaches for Kafka when the file can't be written", async () => {
    await using config = await configFile({
      name: "crm",
      sell: { accessToken: "x".repeat(64) },
      kafka: { brokers: ["127.0.0.1:1"] },
    });
    const out = join(folder, "nowhere", "audit.json");
    const args = ["audit", "--config", config.path, "--out", out];
    const ended = await sellKafka(args);
    expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
    expect(ended.stderr).toContain(`can't be written to ${out}`);
  });
});
