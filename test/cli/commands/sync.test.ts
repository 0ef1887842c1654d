// `sync --json` says how the drain ended, also when it met no server, or was stopped.
import { expect, it } from "vitest";
import { mismatches } from "../../support/documents/json-shapes.ts";
import { sellKafka } from "../../support/process/command.ts";
import { configFile } from "../../support/process/config-file.ts";

/** Runs `sync` where nothing listens; resolves to its exit code and what it printed. */
async function synced(stopping?: AbortSignal) {
  await using file = await configFile({
    name: "crm",
    sell: { baseUrl: "http://127.0.0.1:1", accessToken: "x".repeat(64) },
    kafka: { brokers: ["127.0.0.1:1"] },
    delivery: { giveUpAfterMs: 1_000 },
  });
  const { exitCode, stdout, stderr } = await sellKafka(
    ["sync", "--json", "--config", file.path],
    stopping && { stopping },
  );
  const summary = JSON.parse(stdout) as { result: string; problems: string[] };
  expect(mismatches(summary, "sync")).toEqual([]);
  expect(exitCode).toBe(1);
  for (const problem of summary.problems)
    expect(stderr).toContain(JSON.stringify(problem).slice(1, -1));
  return summary;
}

it("a drain that gives up is incomplete, and says for how long nothing happened", async () => {
  const { result, problems } = await synced();
  expect(result).toBe("incomplete");
  expect(problems).toEqual([
    expect.stringMatching(/^nothing was fetched, .* for 1000 ms/),
  ]);
});

it("a drain that is stopped says so", async () => {
  const { result, problems } = await synced(AbortSignal.abort());
  expect(result).toBe("stopped");
  expect(problems).toEqual(["stopped before Kafka was reached"]);
});
