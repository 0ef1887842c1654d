// A configuration that `init` wrote passes `check` and a `sync` once it has a token.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { TOKEN } from "../../support/process/connector.ts";
import { brokers, servers } from "../../support/kafka/kafka.ts";
import { Program } from "../../support/process/program.ts";

describe.skipIf(servers === null)("a configuration that init wrote", () => {
  it("is enough for check and sync, given a token", async () => {
    await using simulator = await Simulator.start({ records: 60 });
    const folder = await mkdtemp(join(tmpdir(), "sell-kafka-init-"));
    const path = join(folder, "connector.config.json");
    const env = { SELL_ACCESS_TOKEN: TOKEN };
    const start = ["--sell", simulator.url, "--brokers", brokers().join(",")];
    const name = `init-${Date.now()}`;
    await using init = new Program(
      ["init", "--config", path, "--name", name, ...start],
      { env },
    );
    expect(await init.ended, init.stderr).toEqual({ code: 0, signal: null });
    expect(await readFile(path, "utf8")).not.toContain(TOKEN);

    await using check = new Program(["check", "--config", path], { env });
    expect(await check.ended, check.stdout).toEqual({ code: 0, signal: null });
    const args = ["sync", "--json", "--config", path];
    await using sync = new Program(args, { env });
    expect(await sync.ended, sync.stderr).toEqual({ code: 0, signal: null });
    expect(JSON.parse(sync.stdout)).toMatchObject({ published: 60 });
    await rm(folder, { recursive: true });
  });
});
