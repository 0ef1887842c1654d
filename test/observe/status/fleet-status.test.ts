// The status of a folder counts the connectors that run, and says of each file that is refused why,
// and what to do.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freePort } from "../../../src/local/free-port.ts";
import {
  connectorText,
  sharedWith,
  unjoined,
  WatchedFolder,
} from "../../support/fleet/watched-folder.ts";

const three = {
  "east.json": connectorText("east"),
  "north.json": connectorText("north"),
  "west.json": connectorText("west"),
};
const incomplete = JSON.stringify({ name: "west", sell: {}, kafka: {} });

describe("the status of a folder", () => {
  it("says that all connectors run", async () => {
    await using folder = await WatchedFolder.start(three);
    expect(folder.telemetry.status()).toMatchObject({
      ready: true,
      headline: "All 3 connectors run",
      mood: "good",
      troubles: [],
      refused: [],
    });
    await folder.remove("west.json");
    await folder.remove("east.json");
    await folder.look();
    expect(folder.telemetry.status()).toMatchObject({
      headline: "The only connector runs",
      connectors: [{ name: "north" }],
    });
    await folder.remove("north.json");
    await folder.look();
    expect(folder.telemetry.status()).toMatchObject({
      ready: true,
      headline: "There is no connector yet",
    });
  });

  it("names the file that is refused, with a line for each problem", async () => {
    await using folder = await WatchedFolder.start({
      ...three,
      "west.json": incomplete,
    });
    const { refused, ...status } = folder.telemetry.status();
    expect(status).toMatchObject({
      ready: true,
      headline: "2 of 3 connectors run; west.json is refused",
      mood: "warning",
      connectors: [{ name: "east" }, { name: "north" }],
      troubles: [{ code: "file", subject: "west.json" }],
    });
    expect(refused).toEqual([
      {
        file: "west.json",
        goesOn: null,
        reason: [
          `${join(folder.path, "west.json")} is not a valid configuration:`,
          "  sell.accessToken is required",
          "  kafka.brokers is required",
        ].join("\n"),
        remedy: "Correct the file; it is read again by itself.",
      },
    ]);
  });

  it.each([
    ["no JSON", '{"name": ', "it is not JSON"],
    ["an empty file", "", "it is not JSON"],
    ["JSON that is no object", "[]", "west.json: must be an object"],
    ["another's name", connectorText("east"), "name is east, as in east.json"],
    [
      "another account's topics",
      connectorText("west", { account: "b", pattern: "east.{type}" }),
      "topics.pattern makes topics that east.json writes to for another account",
    ],
  ])(
    "refuses a new file with %s, beside what runs",
    async (_, text, reason) => {
      await using folder = await WatchedFolder.start({
        "east.json": three["east.json"],
      });
      await folder.put("west.json", text);
      await folder.look();
      expect(folder.telemetry.status()).toMatchObject({
        ready: true,
        headline: "1 of 2 connectors runs; west.json is refused",
        connectors: [{ name: "east", state: "running" }],
        refused: [
          {
            file: "west.json",
            goesOn: null,
            reason: expect.stringContaining(reason) as string,
          },
        ],
      });
      await folder.put("west.json", three["west.json"]);
      await folder.look();
      expect(folder.telemetry.status()).toMatchObject({
        headline: "All 2 connectors run",
        refused: [],
        troubles: [],
      });
    },
  );

  it("says of a file that was accepted before that its connector goes on", async () => {
    await using folder = await WatchedFolder.start(three);
    await folder.put("west.json", incomplete);
    await folder.look();
    expect(folder.telemetry.status()).toMatchObject({
      ready: true,
      headline: "All 3 connectors run; west.json is refused",
      mood: "warning",
      connectors: [
        { name: "east" },
        { name: "north" },
        { name: "west", state: "running" },
      ],
      refused: [
        {
          file: "west.json",
          goesOn: "west",
          remedy:
            "Correct the file; it is read again by itself. Until then west goes on with the configuration that was accepted before; a restart of the process would not start it.",
        },
      ],
    });
    await folder.remove("west.json");
    await folder.look();
    expect(folder.telemetry.status()).toMatchObject({
      headline: "All 2 connectors run",
      refused: [],
    });
  });

  it("is not ready while every file is refused, and still serves the page", async () => {
    const port = await freePort();
    const server = { port };
    await using folder = await WatchedFolder.start({
      "east.json": connectorText("same", { server }),
      "west.json": connectorText("same", { server }),
    });
    expect(folder.telemetry.status()).toMatchObject({
      ready: false,
      mood: "bad",
      headline: "0 of 2 connectors run; east.json and west.json are refused",
    });
    await folder.remove("east.json");
    await folder.put("west.json", incomplete);
    await folder.look();
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      ready: false,
      headline: "0 of 1 connectors run; west.json is refused",
      reasons: [
        expect.stringMatching(
          /^west\.json is refused: .*\n {2}sell\.accessToken is required.*Correct the file/s,
        ),
      ],
    });
  });

  it("says since when, whatever changes beside it", async () => {
    await using folder = await WatchedFolder.start({
      ...three,
      "west.json": "{",
    });
    const sinceMs = folder.clock.epochMs();
    await folder.put("north.json", "[");
    await folder.look();
    await folder.put("west.json", incomplete);
    await folder.look();
    await folder.clock.advance(500);
    const nextTryMs = sinceMs + 6_000;
    expect(folder.telemetry.status().troubles).toMatchObject([
      { subject: "north.json", sinceMs: sinceMs + 2_000, nextTryMs },
      { subject: "west.json", sinceMs, nextTryMs },
    ]);
    await folder.clock.advance(1_000);
    await folder.look();
    await folder.put("west.json", three["west.json"]);
    await folder.look();
    await folder.put("west.json", "{");
    await folder.look();
    const [, west] = folder.telemetry.status().troubles;
    expect(west?.sinceMs).toBe(folder.clock.epochMs());
  });

  it("logs that a trouble is over, with its duration", async () => {
    await using folder = await WatchedFolder.start({
      ...three,
      "west.json": "{",
    });
    const sinceMs = folder.clock.epochMs();
    await folder.look();
    await folder.put("west.json", three["west.json"]);
    await folder.look();
    expect(
      folder.logged.filter(({ msg }) => msg === "trouble is over"),
    ).toMatchObject([
      { code: "file", subject: "west.json", sinceMs, durationMs: 4_000 },
    ]);
  });

  it("is not ready while the folder can't be read; what runs goes on", async () => {
    await using folder = await WatchedFolder.start(three);
    await folder.hide(true);
    await folder.look();
    expect(folder.telemetry.status()).toMatchObject({
      ready: false,
      mood: "bad",
      headline: "All 3 connectors run; the folder can't be read",
      troubles: [
        {
          code: "folder",
          reason: expect.stringContaining("ENOENT") as string,
        },
      ],
    });
    await folder.hide(false);
    await folder.look();
    expect(folder.telemetry.status()).toMatchObject({
      ready: true,
      headline: "All 3 connectors run",
    });
  });

  it("tells an outage once, whatever the number of connectors", async () => {
    await using folder = await WatchedFolder.start(three, {
      unready: ["north", "west"],
    });
    expect(folder.telemetry.status().troubles).toMatchObject([
      {
        code: "connector",
        headline: "Starting",
        subject: null,
        connectors: ["north", "west"],
        reason: "north, west: Kafka has not been reached yet",
        remedy: expect.stringMatching(
          /See the page of each, such as \/connectors\/north\/\.$/,
        ) as string,
      },
    ]);
  });

  it("names connectors that failed or are not ready", async () => {
    await using folder = await WatchedFolder.start(three, {
      failing: ["east"],
      unready: ["west"],
    });
    expect(folder.telemetry.status()).toMatchObject({
      ready: true,
      headline: "2 of 3 connectors run; east failed; west is not ready",
      troubles: [
        {
          code: "connector",
          subject: "east",
          reason: "east: no disk; it starts again by itself",
          remedy: "The log says more.",
          host: null,
        },
        {
          code: "connector",
          subject: "west",
          reason: "west: Kafka has not been reached yet",
          remedy:
            "Kafka is reached first, and Sell after it. See /connectors/west/.",
          sinceMs: folder.clock.epochMs(),
          nextTryMs: expect.any(Number) as number,
        },
      ],
    });
  });

  it("is not ready while it has connectors of its own and none of them is", async () => {
    const none = { failing: ["east"], unready: ["north", "west"] };
    await using alone = await WatchedFolder.start(
      { ...three, "broken.json": "{" },
      none,
    );
    expect(alone.telemetry.status()).toMatchObject({
      ready: false,
      mood: "bad",
      headline:
        "No connector here is ready; east failed; north and west are not ready; broken.json is refused",
    });
    await using shared = await WatchedFolder.start(three, {
      ...none,
      assignments: sharedWith("there", ["west"]),
    });
    expect(shared.telemetry.status()).toMatchObject({ ready: false });
    await using idle = await WatchedFolder.start(three, {
      assignments: sharedWith("there", ["east", "north", "west"]),
    });
    expect(idle.telemetry.status()).toMatchObject({ ready: true });
  });

  it("counts what another instance runs, and is not ready outside of its group", async () => {
    await using shared = await WatchedFolder.start(three, {
      assignments: sharedWith("there", ["west"]),
    });
    expect(shared.telemetry.status().headline).toBe("All 3 connectors run");
    await using outside = await WatchedFolder.start(three, {
      assignments: unjoined(),
    });
    outside.clusterProblem = "it has changed";
    await outside.look();
    expect(outside.telemetry.status()).toMatchObject({
      ready: false,
      headline:
        "0 of 3 connectors run; the change of cluster.json is not applied; this instance is not in its group",
    });
  });

  it("stays short, however many files are refused and whatever they are called", async () => {
    const keys = Array.from({ length: 500 }, (_, n) => [`key${n}`, 1]);
    await using folder = await WatchedFolder.start({
      "east.json": three["east.json"],
      "many.json": JSON.stringify(Object.fromEntries(keys)),
      ...Object.fromEntries(
        Array.from({ length: 30 }, (_, n) => [`w${n}\u001b[31m.json`, "{"]),
      ),
    });
    await mkdir(join(folder.path, "a-folder.json"));
    await folder.look();
    const { headline, refused } = folder.telemetry.status();
    expect(headline).toBe(
      "1 of 33 connectors runs; a-folder.json, many.json, w0\\u001b[31m.json and 29 more are refused",
    );
    const many = refused.find(({ file }) => file === "many.json");
    expect(many?.reason.split("\n")).toHaveLength(21);
    expect(many?.reason).toMatch(/\n {2}and \d+ more; sell-kafka check/);
  });
});
