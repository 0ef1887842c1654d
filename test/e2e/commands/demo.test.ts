// The demo shows records and counts that agree, works without Docker and Java, and leaves nothing behind, not even when it is killed.
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { answer, FakeEngine, hang } from "../../support/docker/fake-engine.ts";
import { servers } from "../../support/kafka/kafka.ts";
import { Program } from "../../support/process/program.ts";

describe.skipIf(servers === null)("the demo", () => {
  it("shows what a consumer reads, and that the counts agree", async () => {
    await using program = new Program(
      ["demo", "--for", "2", "--records", "200", "--changes-per-second", "20"],
      { env: { SELL_KAFKA_TEST_BROKERS: servers?.brokers.join(",") ?? "" } },
    );
    await program.says("status page at");
    const [, url = ""] = /status page at (\S+)/.exec(program.stderr) ?? [];
    for (const path of ["", "status.js", "uplot.js"])
      expect((await fetch(url + path)).status).toBe(200);
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.stdout).toContain('"connector": "zendesk-sell"');
    expect(program.stdout).toContain("The counts agree");
    expect(program.stderr).not.toMatch(/warning|error/i);
  });

  it("gives its counts to a program", async () => {
    await using program = new Program(
      ["demo", "--for", "0.1", "--records", "60", "--json"],
      { env: { SELL_KAFKA_TEST_BROKERS: servers?.brokers.join(",") ?? "" } },
    );
    expect(await program.ended).toEqual({ code: 0, signal: null });
    const counts = JSON.parse(program.stdout) as Record<string, unknown>;
    expect(counts).toMatchObject({ pending: 0, agrees: true });
    expect(counts["acknowledged"]).toBe(counts["read"]);
  });

  it("leaves no server behind, not even when it is killed", async () => {
    await using program = new Program(["demo"], {
      env: { SELL_KAFKA_TEST_BROKERS: "" },
    });
    await program.says("connected as device");
    const [, address = ""] =
      /Kafka is ready at (\S+)/.exec(program.stderr) ?? [];
    expect(await answers(address)).toBe(true);
    program.kill("SIGKILL");
    await program.ended;
    while (await answers(address));
  });
});

describe("the demo where no Kafka can be had", () => {
  it("tells why each way does not work in one line, and prints the changes", async () => {
    await using engine = await FakeEngine.start();
    engine.faults = { pull: answer(500, { message: "no\nroute" }) };
    await using program = new Program(
      ["demo", "--for", "1", "--records", "60"],
      {
        env: {
          SELL_KAFKA_TEST_BROKERS: "127.0.0.1:1",
          DOCKER_HOST: engine.address,
          PATH: "/nowhere",
        },
      },
    );
    await program.says("status page at");
    const [, url = ""] = /status page at (\S+)/.exec(program.stderr) ?? [];
    expect((await fetch(`${url}readyz`)).ok).toBeTypeOf("boolean");
    expect(await program.ended).toEqual({ code: 0, signal: null });
    const [, ...told] = program.stderr
      .trimEnd()
      .split("\n")
      // On a busy machine, a step may tell that it waits.
      .filter((line) => !/\(\d+ s\)$/.test(line));
    expect(told.slice(0, 5)).toEqual([
      expect.stringMatching(
        /^demo: Kafka at 127\.0\.0\.1:1 can't be used: .*ECONNREFUSED.*; trying Docker$/,
      ),
      "demo: starting Kafka in Docker",
      "demo: pulling apache/kafka:4.1.0, once",
      "demo: Docker can't be used: pulling apache/kafka:4.1.0 failed: (HTTP code 500) server error - no route; trying Java",
      "demo: Java can't be used: there is no java on the PATH; printing the changes instead",
    ]);
    expect(program.stdout).toContain("The counts agree");
  });

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "leaves no container and no folder behind after %s",
    async (signal) => {
      const folder = await mkdtemp(join(tmpdir(), "sell-kafka-test-"));
      await using engine = await FakeEngine.start();
      await using program = new Program(["demo", "--kafka", "docker"], {
        env: { DOCKER_HOST: engine.address, TMPDIR: folder },
      });
      await engine.wasAsked("inspect");
      expect(engine.containers.size).toBe(1);
      expect(await readdir(folder)).toHaveLength(1);
      program.kill(signal);
      await program.ended;
      await expect.poll(() => engine.containers.size).toBe(0);
      await expect.poll(() => readdir(folder)).toEqual([]);
      await rm(folder, { recursive: true });
    },
  );

  it("ends with Ctrl-C while the engine does not answer", async () => {
    await using engine = await FakeEngine.start();
    engine.faults = { info: hang };
    await using program = new Program(["demo", "--kafka", "docker"], {
      env: { DOCKER_HOST: engine.address },
    });
    await engine.wasAsked("info");
    program.kill("SIGINT");
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.stderr).toContain("demo: stopped");
  });
});

/** Whether somebody listens there. */
async function answers(address: string): Promise<boolean> {
  const [host = "", port = ""] = address.split(":");
  const socket = connect(Number(port), host);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
