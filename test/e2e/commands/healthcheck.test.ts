// The image's health check asks each address at which sell-kafka listens, whatever the command is.
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { freePort } from "../../../src/local/free-port.ts";
import { placeOf } from "../../support/documents/markdown.ts";
import { configFile } from "../../support/process/config-file.ts";
import { TOKEN } from "../../support/process/connector.ts";
import { ChildProgram, Program } from "../../support/process/program.ts";

/** Runs the image's health check for one process, as in a container that has no other. */
async function healthOf(pid: number | undefined): Promise<string> {
  await using check = new ChildProgram(process.execPath, [
    placeOf("dist/healthcheck.js"),
    String(pid),
  ]);
  const { code } = await check.ended;
  return `${String(code)} ${check.stdout}`;
}

/** A configuration whose Sell and Kafka can't be reached, so that a command waits for both. */
const waiting = (server?: object) =>
  configFile({
    name: "healthy",
    sell: { baseUrl: "http://127.0.0.1:1", accessToken: "${env:TOKEN}" },
    kafka: { brokers: ["127.0.0.1:1"] },
    ...(server && { server }),
  });

// It reads /proc.
describe.skipIf(process.platform !== "linux")("the health check", () => {
  it("is content with `run` that serves, and not once it hangs or has ended", async () => {
    const port = await freePort();
    await using config = await waiting({ host: "0.0.0.0", port });
    await using program = new Program(["run", "--config", config.path], {
      env: { TOKEN },
    });
    await program.says("serving metrics");
    expect(await healthOf(program.pid)).toBe("0 healthy\n");
    program.kill("SIGSTOP");
    expect(await healthOf(program.pid)).toBe(
      `1 127.0.0.1 port ${port} does not answer: no answer in 4000 ms\n`,
    );
    program.kill("SIGKILL");
    await program.ended;
    expect(await healthOf(program.pid)).toMatch(/^1 /);
  });

  it("finds IPv6 addresses, and the port that the system picked", async () => {
    await using config = await waiting({ host: "::1", port: 0 });
    await using program = new Program(["run", "--config", config.path], {
      env: { TOKEN },
    });
    await program.says("serving metrics");
    expect(await healthOf(program.pid)).toBe("0 healthy\n");
  });

  it("is content with `run` with a folder", async () => {
    await using config = await waiting({ port: await freePort() });
    await using program = new Program(
      ["run", "--config", dirname(config.path)],
      { env: { TOKEN } },
    );
    await program.says("serving metrics");
    expect(await healthOf(program.pid)).toBe("0 healthy\n");
  });

  it("is content with `run` without `server` while it runs", async () => {
    await using config = await waiting();
    await using program = new Program(["run", "--config", config.path], {
      env: { TOKEN },
    });
    await program.says("127.0.0.1:1");
    expect(await healthOf(program.pid)).toBe("0 healthy\n");
    program.kill("SIGKILL");
    await program.ended;
    expect(await healthOf(program.pid)).toMatch(/^1 /);
  });

  it("is content with `simulate`, and not once that hangs", async () => {
    await using program = new Program(["simulate", "--port", "0"]);
    await program.says("simulator at");
    expect(await healthOf(program.pid)).toBe("0 healthy\n");
    program.kill("SIGSTOP");
    expect(await healthOf(program.pid)).toMatch(/^1 .* does not answer/);
  });
});
