// A connector needs no writable file system and starts no process.
import { expect, it, describe } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { trialOf } from "../../support/process/connector.ts";
import { servers } from "../../support/kafka/kafka.ts";
import { Program } from "../../support/process/program.ts";

describe.skipIf(servers === null)("a read-only file system", () => {
  it("is enough: the command writes no file and starts no process", async () => {
    await using simulator = await Simulator.start({ records: 200 });
    await using trial = await trialOf(simulator.url, {
      kafka: { brokers: servers?.brokers, compression: "zstd" },
    });
    await using program = new Program(["sync", "--config", trial.configPath], {
      nodeArgs: ["--permission", "--allow-fs-read=*", "--allow-addons"],
    });
    expect(await program.ended, program.stderr).toEqual({
      code: 0,
      signal: null,
    });
    expect(program.stderr).toMatch(/published +200\n/);
  });
});
