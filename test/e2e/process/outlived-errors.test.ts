// A process that runs a folder logs an error that nobody caught, and goes on.
import { expect, it } from "vitest";
import { TOKEN } from "../../support/process/connector.ts";
import { configFile } from "../../support/process/config-file.ts";
import { dirname } from "node:path";
import { Program } from "../../support/process/program.ts";

/** Throws where nobody catches it, as a library does in a callback of a socket. */
const STRAY =
  'data:text/javascript,process.on("SIGUSR2",()=>{Promise.reject(new TypeError("a rejection"));setTimeout(()=>{throw new TypeError("an exception")})})';

it("a folder outlives errors that nobody caught", async () => {
  await using file = await configFile({
    name: "outliving",
    sell: { baseUrl: "http://127.0.0.1:1", accessToken: TOKEN },
    kafka: { brokers: ["127.0.0.1:1"] },
  });
  await using program = new Program(["run", "--config", dirname(file.path)], {
    nodeArgs: ["--import", STRAY],
  });
  await program.says("trying again");
  program.kill("SIGUSR2");
  await program.says("a rejection");
  await program.says("an exception");
  expect(program.stderr).toContain("an error was caught by nobody");
  program.kill("SIGTERM");
  expect(await program.ended).toEqual({ code: 0, signal: null });
});
