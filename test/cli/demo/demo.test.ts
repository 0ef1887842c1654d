// The demo without a Kafka: the page is served, each change is a line that fits, and the counts agree.
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { main } from "../../../src/cli/program.ts";
import { widthOf } from "../../../src/observe/terminal/text-width.ts";
import { sellKafka } from "../../support/process/command.ts";
import { FakeTerminal } from "../../support/terminal.ts";

const few = ["--records", "60", "--changes-per-second", "80", "--for", "1"];

/** Runs the demo on a terminal. */
async function onTerminal(
  terminal: FakeTerminal,
  env: Record<string, string> = {},
): Promise<number> {
  return main({
    command: "sell-kafka",
    args: ["demo", "--kafka", "none", ...few],
    env,
    stdin: Object.assign(new PassThrough(), { isTTY: true }),
    stdout: terminal,
    stderr: terminal,
    stopping: new AbortController().signal,
  });
}

/** The lines that tell of a change. */
const changesIn = (text: string) =>
  text
    .split("\n")
    .filter((line) => /^sell\.\w+ +\S+ +(cre|upd|del)/.test(line));

describe("the demo without a Kafka", () => {
  it("serves the page, and prints plain lines where no terminal is", async () => {
    let page = Promise.resolve(0);
    const { exitCode, stdout, stderr } = await sellKafka(
      ["demo", "--kafka", "none", ...few],
      {
        onStderr: (text) => {
          const [, url] = /status page at (\S+)/.exec(text) ?? [];
          if (url !== undefined)
            page = fetch(`${url}status`).then(({ status }) => status);
        },
      },
    );
    expect(exitCode).toBe(0);
    expect(await page).toBe(200);
    expect(stdout + stderr).not.toMatch(/[\x1b\r]/);
    const [, drained = ""] =
      /demo: first drain complete: (\d+) changes read after/.exec(stderr) ?? [];
    expect(Number(drained)).toBeGreaterThan(40);
    expect(stdout).toContain("The value of that record in full:\n{\n");
    expect(stdout).toContain("every change that Sell handed out was printed");
    const [, , changes = ""] =
      /(acknowledged \/ read) +(\d+)/.exec(stdout) ?? [];
    const lines = changesIn(stdout);
    expect(lines.length).toBeGreaterThan(10);
    // The first drain has one line, which shows its record in full.
    expect(lines.length).toBeLessThanOrEqual(
      Number(changes) - Number(drained) + 1,
    );
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(157);
  });

  it("gives its counts to a program", async () => {
    const { exitCode, stdout } = await sellKafka([
      "demo",
      "--kafka",
      "none",
      "--json",
      ...few,
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ pending: 0, agrees: true });
  });

  it("keeps the page's address at the bottom of a terminal, below coloured lines that fit", async () => {
    const terminal = new FakeTerminal(70);
    let bottom = "";
    const watch = setInterval(() => {
      const line = terminal.shown.at(-1) ?? "";
      if (/changes \|/.test(line)) bottom = line;
    }, 20);
    expect(await onTerminal(terminal)).toBe(0);
    clearInterval(watch);
    expect(bottom).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/ \d+ changes \| \d s left$/,
    );
    expect(stripVTControlCharacters(terminal.text)).toMatch(
      /http:\S+ first drain [█░]{24} \d+%/,
    );
    const lines = changesIn(terminal.rows.join("\n"));
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) expect(widthOf(line)).toBeLessThan(70);
    for (const [operation, colour] of [
      ["created", 32],
      ["updated", 33],
      ["deleted", 31],
    ] as const)
      expect(terminal.text).toMatch(
        new RegExp(`\\x1b\\[${colour}msell\\.\\S+ +\\S+ +${operation}`),
      );
    // Nothing of the pinned line is left.
    expect(terminal.rows.join("\n")).not.toMatch(/left|first drain [█░]/);
    expect(terminal.shown.at(-1)).toMatch(/^printed\.|The counts agree/);
  });

  it.each([
    [{ NO_COLOR: "1" }, false],
    [{ TERM: "dumb" }, true],
  ])("has no colours with %j", async (env, isPlain) => {
    const terminal = new FakeTerminal(100);
    expect(await onTerminal(terminal, env as Record<string, string>)).toBe(0);
    expect(terminal.text).not.toMatch(/\x1b\[\d+m/);
    expect(terminal.text.includes("\x1b")).toBe(!isPlain);
  });
});

describe("--kafka", () => {
  it.each([
    "kafka",
    "",
    "Docker",
    "localhost",
    "localhost:",
    ":9092",
    "a:0",
    "a:65536",
    "a:x",
    "a:1,b",
    "a b:1",
  ])("refuses %j with exit code 2", async (way) => {
    const { exitCode, stderr } = await sellKafka(["demo", "--kafka", way]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("It must be docker, java, none, or the address");
  });

  it("ends with the reason when the brokers that it names don't answer", async () => {
    const { exitCode, stdout, stderr } = await sellKafka([
      "demo",
      "--kafka",
      "127.0.0.1:1",
      ...few,
    ]);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
      /^demo: Kafka at 127\.0\.0\.1:1 can't be used: .*ECONNREFUSED/,
    );
  });
});
