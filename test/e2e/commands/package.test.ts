// The npm package runs where nothing else is installed.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TOKEN } from "../../support/process/connector.ts";
import { brokers, servers } from "../../support/kafka/kafka.ts";
import { ChildProgram } from "../../support/process/program.ts";

const ok = { code: 0, signal: null };
const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT/;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sell-kafka-package-"));
});

afterAll(() => rm(folder, { recursive: true }));

function inFolder(command: string, ...args: readonly string[]): ChildProgram {
  const env = { SELL_ACCESS_TOKEN: TOKEN };
  return new ChildProgram(command, args, { cwd: folder, env });
}

describe.skipIf(servers === null)("the npm package", () => {
  it("runs where nothing else is installed", async ({ skip }) => {
    // Its build was made for all tests.
    const pack = ["pack", "--ignore-scripts", "--pack-destination", folder];
    await using packing = new ChildProgram("npm", pack);
    expect(await packing.ended, packing.stderr).toEqual(ok);
    const [tarball = ""] = await readdir(folder);

    const quietly = ["--prefer-offline", "--no-audit", "--no-fund"];
    const install = ["install", "--ignore-scripts", ...quietly, `./${tarball}`];
    await using installing = inFolder("npm", ...install);
    const { code } = await installing.ended;
    skip(
      code !== 0 &&
        process.env["CI"] !== "true" &&
        UNREACHABLE.test(installing.stderr),
      "no npm registry can be reached",
    );
    expect(code, installing.stderr).toBe(0);

    const dist = join(folder, "node_modules", "sell-kafka", "dist");
    const licenses = await readFile(join(dist, "LICENSES.txt"), "utf8");
    expect(licenses).toMatch(/^zod \d+\.\d+\.\d+\n\nMIT License$/m);

    // What npx runs; of npx itself the simulator would be a grandchild, which outlives it.
    const command = join(folder, "node_modules", ".bin", "sell-kafka");
    await using simulator = inFolder(
      command,
      ...["simulate", "--port", "0", "--records", "40"],
    );
    await simulator.says("/_simulator/state");
    const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(simulator.stdout) ?? [];

    const name = `packed-${Date.now()}`;
    await using init = inFolder(
      "npx",
      ...["sell-kafka", "init", "--name", name, "--sell", url],
      ...["--brokers", brokers().join(",")],
    );
    expect(await init.ended, init.stderr).toEqual(ok);
    await using sync = inFolder("npx", "sell-kafka", "sync", "--json");
    expect(await sync.ended, sync.stderr).toEqual(ok);
    expect(JSON.parse(sync.stdout)).toMatchObject({ published: 40 });
    simulator.kill("SIGTERM");
    expect(await simulator.ended).toEqual(ok);
  }, 120_000);
});
