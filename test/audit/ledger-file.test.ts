// An audit whose ledger can't be kept says which folder is at fault and what to do about it.
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Ledger } from "../../src/audit/ledger.ts";
import { LedgerUnwritable, storageFault } from "../../src/audit/ledger-file.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { sellKafka } from "../support/process/command.ts";
import { configFile } from "../support/process/config-file.ts";
import { runWithFileLimit, sourceUrl } from "../support/process/limited.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Fills a ledger in a process that may write no more than so many KiB to a file. */
function fillWithin(kibibytes: number): Promise<string> {
  return runWithFileLimit(
    kibibytes,
    `
    import { Ledger } from ${JSON.stringify(sourceUrl("audit/ledger.ts"))};
    try {
      using ledger = new Ledger(${JSON.stringify(folder)});
      const digest = Buffer.alloc(16, 7);
      const content = { kind: "live", digest, schema: 0 };
      const rest = { topic: "t", content, partition: 0, offset: 1n, revision: "1", otherConnector: null };
      for (let n = 0; n < 20_000; n++)
        ledger.noteKafka([{ ...rest, key: String(n) }]);
      console.log("settled", ledger.settle(1, true));
    } catch (error) {
      console.log(error.name, error.message);
    }`,
  );
}

describe("the ledger's file", () => {
  it("leaves no name behind while it is in use", async () => {
    using ledger = new Ledger(folder);
    expect(ledger.settle(1, true)).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ["a folder that is not there", "missing", /no such file or directory/],
    ["a file in place of a folder", "file", /not a directory/],
  ])("names the folder for %s", async (_, name, reason) => {
    await writeFile(join(folder, "file"), "");
    const path = join(folder, name);
    const open = () => new Ledger(path);
    expect(open).toThrow(LedgerUnwritable);
    expect(open).toThrow(reason);
    expect(open).toThrow(`the folder for temporary files, ${path}`);
    expect(open).toThrow("set TMPDIR to one");
    await rm(join(folder, "file"));
  });

  it("names the folder, and what it needs, when the disk takes no more", async () => {
    const output = await fillWithin(512);
    expect(output).toMatch(/^LedgerUnwritable /);
    expect(output).toContain(
      `does not fit into the folder for temporary files, ${folder}: `,
    );
    expect(output).toMatch(/about \d+ bytes a record/);
    expect(output).toContain("set TMPDIR to another folder");
    expect(await readdir(folder)).toEqual([]);
    expect(await fillWithin(20_000)).toBe("settled 20000\n");
  });

  it("takes only SQLite's errors of the disk for its own", () => {
    const full = { errcode: 13, errstr: "database or disk is full" };
    expect(storageFault(full, "/x")?.message).toContain("disk is full");
    expect(storageFault({ errcode: 778, errstr: "" }, "/x")).not.toBeNull();
    expect(storageFault({ errcode: 1, errstr: "SQL" }, "/x")).toBeNull();
    expect(storageFault(new Error("else"), "/x")).toBeNull();
  });
});

describe("an audit without a folder for temporary files", () => {
  it("says so before it reads anything, and ends with 1", async () => {
    await using simulator = await Simulator.start({ records: 1 });
    await using config = await configFile({
      name: "crm",
      sell: { baseUrl: simulator.url, accessToken: "x".repeat(64) },
      kafka: { brokers: ["127.0.0.1:1"] },
    });
    const env = { TMPDIR: join(folder, "nowhere") };
    const args = ["audit", "--config", config.path];
    const ended = await sellKafka(args, { env });
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain(`temporary files, ${env.TMPDIR}`);
    expect(simulator.state().requests).toEqual({});
  });
});
