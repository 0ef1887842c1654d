// The demo shows records and counts that agree, and leaves no server behind, not even when it is killed.
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
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
