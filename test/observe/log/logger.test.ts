// The log shows no text that a terminal would obey, and no error can break it.
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { createLogger } from "../../../src/observe/log/logger.ts";

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

const FORGED = "no\nINFO: all is well\u001b[2K\u009b1G\u202e\u2028\rok";

it.each([true, false])(
  "shows no text of a server that a terminal would obey (terminal: %s)",
  (isTTY) => {
    const stream = new PassThrough();
    const logger = createLogger("info", Object.assign(stream, { isTTY }));
    const err = new Error(FORGED, { cause: new Error(FORGED) });
    logger.info({ reason: FORGED, list: [{ id: FORGED }] }, FORGED);
    logger.error({ err }, "failed");
    const text = String(stream.read());
    expect(text).not.toMatch(/^(INFO: all|ok)/m);
    expect(text).not.toMatch(/[^\P{Cc}\n]|[\u2028\u2029\u202e]/u);
    if (isTTY) return;
    const [first = ""] = text.split("\n");
    expect(JSON.parse(first)).toMatchObject({ reason: FORGED, msg: FORGED });
  },
);

it("logs an error whose members can't be read", () => {
  const stream = new PassThrough();
  const logger = createLogger("info", Object.assign(stream, { isTTY: false }));
  const err = Object.defineProperty(new Error("it broke"), "stack", {
    get: () => {
      throw new Error("no access");
    },
  });
  logger.error({ err }, "failed");
  expect(JSON.parse(String(stream.read()))).toMatchObject({
    err: { message: "it broke" },
    msg: "failed",
  });
});
