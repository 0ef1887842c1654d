// A process that ends by an error logs why as its last line, without secrets.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { configFile } from "../../support/process/config-file.ts";
import { TOKEN } from "../../support/process/connector.ts";
import { ChildProgram, Program } from "../../support/process/program.ts";

const SECRET = "s3cret-of-the-crash";

/** The simulator's command, with something that happens to it. */
function disturbed(code: string): Program {
  return new Program(["simulate", "--port", "0"], {
    env: { SELL_ACCESS_TOKEN: SECRET },
    nodeArgs: ["--import", `data:text/javascript,${encodeURIComponent(code)}`],
  });
}

/** Code that runs once `atWork` says so. */
const later = (code: string) => `process.on("SIGUSR2", () => { ${code} })`;

/** Waits until the program is at work, and has what is to come later happen. */
async function atWork(program: Program): Promise<void> {
  await program.says("http://127.0.0.1:");
  program.kill("SIGUSR2");
}

function lastOf(stderr: string): Record<string, unknown> {
  const line = stderr.trimEnd().split("\n").at(-1) ?? "";
  return JSON.parse(line) as Record<string, unknown>;
}

const thrown = `new TypeError("no way with ${SECRET}", { cause: new Error("https://user:pass@host/") })`;

describe("the last word of a process", () => {
  it.each([
    ["an error that nobody catches", later(`throw ${thrown}`)],
    ["a rejection that nobody handles", later(`Promise.reject(${thrown})`)],
    [
      "a part that can't be loaded",
      `import { registerHooks } from "node:module";
       registerHooks({ load: (url, context, next) => {
         if (/program-.{8}\\.js$/.test(url)) throw ${thrown};
         return next(url, context);
       } });`,
    ],
  ])("is a line of the log after %s, without secrets", async (_, code) => {
    await using program = disturbed(code);
    // A program that can't be loaded ends before it is at work.
    await Promise.race([atWork(program), program.ended]);
    expect(await program.ended).toEqual({ code: 1, signal: null });
    const last = lastOf(program.stderr);
    expect(last).toMatchObject({
      level: "fatal",
      msg: "no way with [redacted]",
      err: {
        type: "TypeError",
        message: "no way with [redacted]: https://[redacted]@host/",
        stack: expect.stringContaining("TypeError: no way with [") as string,
      },
    });
    expect(Date.parse(String(last["time"]))).toBeGreaterThan(0);
    expect(program.stderr).not.toContain(SECRET);
  });

  it("is one also when what it throws is no error", async () => {
    await using program = disturbed(later("throw null"));
    await atWork(program);
    expect((await program.ended).code).toBe(1);
    expect(lastOf(program.stderr)).toMatchObject({ level: "fatal" });
  });

  it("tells that standard output is full", async () => {
    await using simulator = await Simulator.start({ records: 100 });
    await using file = await configFile({
      name: "full",
      sell: { baseUrl: simulator.url, accessToken: TOKEN },
      kafka: { brokers: ["127.0.0.1:1"] },
    });
    const command = join(import.meta.dirname, "../../../dist/main.js");
    const line = `exec "${process.execPath}" "${command}" sync --stdout --config "${file.path}" > /dev/full`;
    await using program = new ChildProgram("sh", ["-c", line]);
    expect(await program.ended).toEqual({ code: 1, signal: null });
    for (const one of program.stderr.trimEnd().split("\n")) JSON.parse(one);
    expect(lastOf(program.stderr)).toMatchObject({
      level: "fatal",
      err: { message: expect.stringContaining("ENOSPC") as string },
    });
    expect(simulator.state().requests["ack"]).toBeUndefined();
  });
});

describe("a process", () => {
  it("logs the warnings of Node.js, and opens no debugger", async () => {
    await using program = disturbed(
      later(`process.emitWarning("beware of ${SECRET}", "OddWarning")`),
    );
    await atWork(program);
    await program.says("beware");
    const { pid } = program;
    expect(pid).toBeDefined();
    program.kill("SIGUSR1");
    program.kill("SIGUSR1");
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(
      program.stdout + program.stderr,
    ) ?? [""];
    expect((await fetch(`${url}/_simulator/state`)).status).toBe(200);
    program.kill("SIGTERM");
    expect((await program.ended).code).toBe(0);
    expect(program.stderr).not.toMatch(/debugger/i);
    expect(
      program.stderr.split("\n").filter((one) => one.includes("beware")),
    ).toHaveLength(1);
    expect(
      JSON.parse(
        program.stderr.split("\n").find((one) => one.includes("beware")) ?? "",
      ),
    ).toMatchObject({ level: "warn", msg: "OddWarning: beware of [redacted]" });
  });
});
