// The command line shows its help and schemas on standard output, and tells all problems at once.
import { describe, expect, it } from "vitest";
import { sellKafka } from "../support/process/command.ts";
import { configFile } from "../support/process/config-file.ts";

describe("the command line", () => {
  it("shows help on standard output", async () => {
    const help = await sellKafka(["--help"]);
    expect(help).toMatchObject({ exitCode: 0, stderr: "" });
    for (const command of [
      "run",
      "sync",
      "check",
      "simulate",
      "demo",
      "schemas",
    ])
      expect(help.stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    const ofSync = await sellKafka(["sync", "--help"]);
    for (const flag of ["--config", "--log-level", "--stdout", "--json"])
      expect(ofSync.stdout).toContain(flag);
  });

  it.each([
    [[], "Usage"],
    [["sink"], "unknown command 'sink'"],
    [["sync", "--jason"], "unknown option '--jason'"],
    [["sync", "extra"], "too many arguments"],
    [["sync", "--log-level", "loud"], "Allowed choices are"],
    [["simulate", "--port", "http"], "It must be a whole number"],
    [["simulate", "--faults", "gremlins"], 'there is no fault "gremlins"'],
    [["simulate", "--faults", "429=2"], "a number from 0 to 1"],
    [["simulate", "--config", "x.json"], "(sell-kafka simulate --help shows"],
    [["demo", "--config", "x.json"], "unknown option '--config'"],
    [["schemas", "--log-level", "debug"], "(sell-kafka schemas --help shows"],
    [["dead-letters", "list", "--x"], "(sell-kafka dead-letters list --help"],
    [["demo", "--for", "-1"], "It must be a number above 0"],
    [["schemas", "hologram"], 'no schema for the type "hologram"'],
    [["sync", "--config", "/nope.json"], "there is no such file"],
  ])("refuses %j with exit code 2", async (args, words) => {
    const { exitCode, stdout, stderr } = await sellKafka(args);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(words);
  });

  it("tells all problems of a configuration, and none of its secrets", async () => {
    await using file = await configFile({
      name: "x y",
      sell: { accessToken: "hush-hush" },
      kafka: { brokers: "localhost:9092" },
    });
    const { exitCode, stdout, stderr } = await sellKafka([
      "check",
      "--config",
      file.path,
    ]);
    expect([exitCode, stdout]).toEqual([2, ""]);
    for (const path of ["name", "sell.accessToken", "kafka.brokers"])
      expect(stderr).toContain(`  ${path} `);
    expect(stderr).not.toContain("hush-hush");
  });

  it("prints schemas", async () => {
    const list = await sellKafka(["schemas"]);
    expect(list.stdout.split("\n")).toContain("contact");
    const flat = await sellKafka(["schemas", "deal", "--envelope", "flat"]);
    expect(JSON.parse(flat.stdout)).toMatchObject({ name: "Deal" });
    const change = await sellKafka(["schemas", "deal", "--json"]);
    expect(JSON.parse(change.stdout)).toMatchObject({ name: "Envelope" });
  });
});
