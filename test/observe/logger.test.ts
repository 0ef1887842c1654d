import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { createLogger } from "../../src/observe/logger.ts";

const ESCAPE = String.fromCharCode(27);

it.each([
  ["a pipe", false, true, false],
  ["a terminal with colours", true, true, true],
  ["a terminal without, as with NO_COLOR", true, false, false],
])("logs to %s as it can show it", (_, isTTY, hasColors, isColoured) => {
  const stream = new PassThrough();
  const terminal = Object.assign(stream, { isTTY, hasColors: () => hasColors });
  createLogger("info", terminal).info({ topic: "x" }, "hello");
  const text = String(stream.read());
  expect(text).toContain("hello");
  expect(text.includes(ESCAPE)).toBe(isColoured);
  expect(text.startsWith("{")).toBe(!isTTY);
});
