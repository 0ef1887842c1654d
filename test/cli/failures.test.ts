// With --json, a command that could not do its work prints JSON, and tells people and the exit code as ever.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sellKafka } from "../support/process/command.ts";

const whole = {
  name: "crm",
  sell: { accessToken: "x".repeat(64) },
  kafka: { brokers: ["127.0.0.1:1"] },
};

/** Texts of files that are no configuration, and words of what is wrong with each. */
const broken: Readonly<Record<string, readonly [string, RegExp]>> = {
  "no-json.json": ['{"name": ', /it is not JSON/],
  "empty.json": ["", /it is not JSON/],
  "list.json": ["[]", /./],
  "unknown-key.json": [
    JSON.stringify({ ...whole, kafak: {} }),
    /kafak is not a known key/,
  ],
  "no-variable.json": [
    JSON.stringify({ ...whole, sell: { accessToken: "${env:NOT_THERE}" } }),
    /sell\.accessToken .*NOT_THERE/,
  ],
};

/** Commands that need a configuration, with the words before their options. */
const commands = [
  ["sync"],
  ["sync", "--stdout"],
  ["run"],
  ["audit"],
  ["explain", "contact", "1"],
  ["dead-letters", "list"],
  ["dead-letters", "show", "0/1"],
  ["dead-letters", "replay", "--all"],
  ["dead-letters", "dismiss", "--all", "--reason", "spam"],
  ["schemas"],
  ["schemas", "--register"],
];

const files = [...Object.keys(broken), "missing.json"];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sell-kafka-failures-"));
  for (const [file, [text]] of Object.entries(broken))
    await writeFile(join(folder, file), text);
  await mkdir(join(folder, "none"));
  await mkdir(join(folder, "two"));
  await writeFile(join(folder, "two", "a.json"), "{");
  await writeFile(join(folder, "two", "b.json"), JSON.stringify({ name: 1 }));
  await mkdir(join(folder, "cluster"));
  await writeFile(join(folder, "cluster", "cluster.json"), "{");
});

afterAll(() => rm(folder, { recursive: true }));

function at(file: string): readonly string[] {
  return ["--json", "--config", join(folder, file)];
}

/** Whether single settings are wrong, and not the file as a whole. */
function isOfSettings(file: string): boolean {
  return ["unknown-key.json", "no-variable.json"].includes(file);
}

function wordsFor(file: string): RegExp {
  return broken[file]?.[1] ?? /there is no such file/;
}

describe.each(files)("of %s", (file) => {
  it.each(commands.map((words) => [words.join(" "), words] as const))(
    "%s --json prints a result and problems",
    async (_, words) => {
      const { exitCode, stdout, stderr } = await sellKafka([
        ...words,
        ...at(file),
      ]);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(
        isOfSettings(file)
          ? /^sell-kafka: .* is not a valid configuration:\n  /
          : /^sell-kafka: [^\n]*\.json: [^\n]*\n/,
      );
      const isPrinting = words.includes("--stdout");
      if (isPrinting) expect(stdout).toBe("");
      const text = isPrinting ? stderr.trimEnd().split("\n").at(-1) : stdout;
      const { result, problems } = JSON.parse(text ?? "") as {
        result: string;
        problems: string[];
      };
      expect(result).toBe("incomplete");
      expect(problems.join("\n")).toMatch(wordsFor(file));
      for (const problem of problems) expect(problem).toContain(file);
    },
  );

  it("check --json prints findings", async () => {
    const { exitCode, stdout, stderr } = await sellKafka([
      "check",
      ...at(file),
    ]);
    expect(exitCode).toBe(2);
    expect(stderr.includes("is not a valid configuration")).toBe(
      isOfSettings(file),
    );
    const findings = JSON.parse(stdout) as Record<string, string>[];
    expect(findings.length).toBeGreaterThan(0);
    for (const { status, what } of findings)
      expect([status, what]).toEqual(["failed", "configuration"]);
    expect(findings.map(({ message }) => message).join("\n")).toMatch(
      wordsFor(file),
    );
  });
});

it("sync --json of what it can't begin has all its counts, at 0", async () => {
  const { stdout } = await sellKafka(["sync", ...at("missing.json")]);
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ sessions: 0, fetched: 0, published: 0, acknowledged: 0 },
    ...{ requests: 0, durationMs: 0, result: "incomplete" },
  });
});

it("check --json of a folder tells of each file that is broken", async () => {
  const { exitCode, stdout } = await sellKafka(["check", ...at("two")]);
  expect(exitCode).toBe(1);
  const files = JSON.parse(stdout) as {
    file: string;
    connector: string | null;
    findings: { status: string; message: string }[];
  }[];
  expect(files).toMatchObject([
    { file: "a.json", connector: null, findings: [{ status: "failed" }] },
    { file: "b.json", connector: null },
  ]);
  const told = files[1]?.findings.map(
    ({ status, message }) => `${status}: ${message}`,
  );
  expect(told).toEqual([
    "failed: name must be a text, but is 1",
    "failed: sell is required, with accessToken in it",
    "failed: kafka is required, with brokers in it",
  ]);
});

it.each([
  ["none", "the folder holds no connector's *.json"],
  ["cluster", "cluster.json: it is not JSON"],
])(
  "check --json of the folder %s tells what is wrong with it",
  async (name, words) => {
    const { exitCode, stdout } = await sellKafka(["check", ...at(name)]);
    expect(exitCode).toBe(2);
    const [{ file, connector, findings } = {}, ...others] = JSON.parse(
      stdout,
    ) as { file?: null; connector?: null; findings?: { message: string }[] }[];
    expect([file, connector, others]).toEqual([null, null, []]);
    expect(findings?.[0]?.message).toContain(words);
  },
);

it.each([
  [["schemas", "hologram", "--json"], 2, 'no schema for the type "hologram"'],
  [["sync", "--json", "--jason"], 2, "unknown option '--jason'"],
  [["simulate", "--json", "--port", "x"], 2, "It must be a whole number"],
])("%j prints its wrong use", async (args, code, words) => {
  const { exitCode, stdout, stderr } = await sellKafka(args);
  expect(exitCode).toBe(code);
  expect(stderr).toContain(words);
  expect(JSON.parse(stdout)).toMatchObject({ result: "incomplete" });
  expect(stdout).toContain(JSON.stringify(words).slice(1, -1));
});

it("a command that meets no server prints JSON too, with exit code 1", async () => {
  await writeFile(
    join(folder, "away.json"),
    JSON.stringify({ ...whole, delivery: { giveUpAfterMs: 1_000 } }),
  );
  const stopping = AbortSignal.timeout(500);
  const args = ["dead-letters", "list", ...at("away.json")];
  const { exitCode, stdout } = await sellKafka(args, { stopping });
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    result: "incomplete",
    problems: [expect.any(String)],
  });
});
