// An instance keeps what `cluster.json` said when it started, and tells when the file says something else.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ClusterFile } from "../../../src/config/folder/cluster-file.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sell-kafka-folder-"));
});

afterEach(() => rm(folder, { recursive: true }));

const path = () => join(folder, "cluster.json");
const put = (group: string) =>
  writeFile(
    path(),
    JSON.stringify({ group, kafka: { brokers: ["kafka:9092"] } }),
  );
const read = () => ClusterFile.read(folder, {});

describe("how instances share a folder", () => {
  it("is as the file said at the start, whatever it says later", async () => {
    await put("one");
    const file = await read();
    expect(file.config).toMatchObject({ group: "one" });
    expect(await file.look()).toBeNull();
    await put("two");
    expect(await file.look()).toContain("changed since");
    expect(await file.look()).toContain("changed since");
    await writeFile(path(), "{");
    expect(await file.look()).toContain("it is not JSON");
    await rm(path());
    expect(await file.look()).toContain("it is gone");
    await put("one");
    expect(await file.look()).toBeNull();
    expect(file.config).toMatchObject({ group: "one" });
  });

  it("is with nobody without the file, also when it comes later", async () => {
    const file = await read();
    expect(file.config).toBeNull();
    expect(await file.look()).toBeNull();
    await put("one");
    expect(await file.look()).toContain("was not there");
    expect(file.config).toBeNull();
    await rm(path());
    expect(await file.look()).toBeNull();
  });

  it("is not known from a file that is wrong", async () => {
    await writeFile(path(), '{"group": "with space"}');
    await expect(read()).rejects.toThrow("group");
  });

  it("changes with the files that it refers to", async () => {
    const secret = join(folder, "password");
    await writeFile(secret, "old");
    const sasl = {
      mechanism: "plain",
      username: "u",
      password: "${file:password}",
    };
    const kafka = { brokers: ["kafka:9092"], sasl };
    await writeFile(path(), JSON.stringify({ group: "one", kafka }));
    const file = await read();
    expect(await file.look()).toBeNull();
    await writeFile(secret, "new");
    expect(await file.look()).toContain("changed since");
  });
});
