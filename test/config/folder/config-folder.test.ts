// A folder's configurations are read again when they, or the files that they refer to, have changed.
import {
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigFolder } from "../../../src/config/folder/config-folder.ts";
import { ConfigError } from "../../../src/config/problem.ts";

let path: string;
let folder: ConfigFolder;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), "sell-kafka-folder-"));
  folder = new ConfigFolder(path, {});
});

afterEach(() => rm(path, { recursive: true }));

const connector = (name: string, token = "${file:token}") =>
  JSON.stringify({
    name,
    sell: { accessToken: token },
    kafka: { brokers: ["kafka:9092"] },
  });

const put = (file: string, text: string) => writeFile(join(path, file), text);

/** The connectors' names by file; `wrong` for one that is. */
async function names(): Promise<Record<string, string>> {
  const files = [...(await folder.look())];
  return Object.fromEntries(
    files.map(([file, { config }]) => [
      file,
      config instanceof ConfigError ? "wrong" : config.name,
    ]),
  );
}

describe("a folder of configurations", () => {
  it("holds a connector in each of its files that end in .json", async () => {
    await put("token", "t".repeat(64));
    await put("b.json", connector("b"));
    await put("a.json", connector("a"));
    await put("cluster.json", "{}");
    await put(".hidden.json", "{}");
    await put("notes.txt", "");
    await put("broken.json", '{"name":');
    await mkdir(join(path, "folder.json"));
    expect(await names()).toEqual({
      "a.json": "a",
      "b.json": "b",
      "broken.json": "wrong",
      "folder.json": "wrong",
    });
  });

  it("shows what was added, changed and removed", async () => {
    await put("token", "t".repeat(64));
    await put("a.json", connector("a"));
    const before = await folder.look();
    await put("b.json", connector("b"));
    const added = await folder.look();
    expect(added.get("a.json")).toBe(before.get("a.json"));
    await put("a.json", connector("c"));
    expect(await names()).toEqual({ "a.json": "c", "b.json": "b" });
    await rm(join(path, "a.json"));
    expect(await names()).toEqual({ "b.json": "b" });
  });

  it("follows the files that a configuration refers to", async () => {
    await put("a.json", connector("a"));
    expect(await names()).toEqual({ "a.json": "wrong" });
    await put("token", "t".repeat(64));
    expect(await names()).toEqual({ "a.json": "a" });
    const before = (await folder.look()).get("a.json");
    await put("token", "u".repeat(64));
    const after = (await folder.look()).get("a.json");
    expect(after?.print).not.toBe(before?.print);
    expect(after?.config).toMatchObject({
      sell: { accessToken: "u".repeat(64) },
    });
  });

  it("tells nothing changed when a volume swaps its links to the same contents", async () => {
    const generation = async (name: string, files: Record<string, string>) => {
      await mkdir(join(path, name));
      for (const [file, text] of Object.entries(files))
        await put(join(name, file), text);
      await symlink(name, join(path, "..data_tmp"));
      await rename(join(path, "..data_tmp"), join(path, "..data"));
    };
    const token = "t".repeat(64);
    await generation("..1", {
      "a.json": connector("a", token),
      "b.json": connector("b", token),
    });
    for (const file of ["a.json", "b.json"])
      await symlink(join("..data", file), join(path, file));
    const before = await folder.look();
    await generation("..2", {
      "a.json": connector("a", token),
      "b.json": connector("other", token),
    });
    const after = await folder.look();
    expect(after.get("a.json")?.print).toBe(before.get("a.json")?.print);
    expect(after.get("b.json")?.print).not.toBe(before.get("b.json")?.print);
    expect(await names()).toEqual({ "a.json": "a", "b.json": "other" });
  });

  it("says when it can't be read", async () => {
    const gone = new ConfigFolder(join(path, "none"), {});
    await expect(gone.look()).rejects.toThrow("can't be read (ENOENT)");
  });
});
