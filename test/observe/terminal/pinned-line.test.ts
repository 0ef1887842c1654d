// One line stays below everything that is written to a terminal, also when the terminal is resized.
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { PinnedLine } from "../../../src/observe/terminal/pinned-line.ts";
import { FakeTerminal } from "../../support/terminal.ts";

const write = (stream: NodeJS.WritableStream, text: string) =>
  new Promise((resolve) => stream.write(text, resolve));

describe("a pinned line", () => {
  it("stays below what is written to both streams", async () => {
    const terminal = new FakeTerminal(40);
    await using pinned = new PinnedLine(terminal, terminal);
    pinned.show("page 0%");
    await write(pinned.stdout, "one\n");
    await write(pinned.stderr, "two\n");
    expect(terminal.shown).toEqual(["one", "two", "page 0%"]);
    pinned.show("page 50%");
    expect(terminal.shown).toEqual(["one", "two", "page 50%"]);
    await pinned[Symbol.asyncDispose]();
    expect(terminal.shown).toEqual(["one", "two"]);
  });

  it("waits for the end of a line that comes in parts", async () => {
    const terminal = new FakeTerminal(40);
    await using pinned = new PinnedLine(terminal, terminal);
    pinned.show("page");
    await write(pinned.stdout, "o");
    pinned.show("page 2");
    await write(pinned.stdout, "ne\n");
    expect(terminal.shown).toEqual(["one", "page 2"]);
  });

  it("is cut to the terminal, and shows no character that a terminal obeys", () => {
    const terminal = new FakeTerminal(10);
    const pinned = new PinnedLine(terminal, terminal);
    pinned.show("page\x1b[2J 田中田中");
    expect(terminal.shown).toEqual(["page\\u00…"]);
    pinned.show("田中田中田中");
    expect(terminal.shown).toEqual(["田中田中…"]);
  });

  it("survives that the terminal becomes narrower and wider", async () => {
    const terminal = new FakeTerminal(30);
    await using pinned = new PinnedLine(terminal, terminal);
    await write(pinned.stdout, "first\n");
    pinned.show("http://127.0.0.1:9000/ running");
    terminal.resize(12);
    expect(terminal.shown).toEqual(["first", "http://127…"]);
    await write(pinned.stdout, "second\n");
    expect(terminal.shown).toEqual(["first", "second", "http://127…"]);
    terminal.resize(60);
    expect(terminal.shown).toEqual([
      "first",
      "second",
      "http://127.0.0.1:9000/ running",
    ]);
  });

  it("leaves an error stream alone that is no terminal", async () => {
    const terminal = new FakeTerminal(40);
    const stderr = new PassThrough();
    await using pinned = new PinnedLine(terminal, stderr);
    expect(pinned.stderr).toBe(stderr);
    pinned.show("page");
    await write(pinned.stderr, "log\n");
    expect(terminal.shown).toEqual(["page"]);
  });
});
