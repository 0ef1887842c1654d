// Proves what a process says of errors that nobody catches, and that secrets are not in it.
import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import {
  reportCrash,
  reportFatalError,
  reportWarning,
} from "../../src/cli/fatal-errors.ts";

class Stderr extends Writable {
  text = "";
  readonly isTTY: boolean;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const MEMBERS = ["message", "stack", "cause", "name", "code", "errors", "type"];

function unreadable(name: string): Error {
  return Object.defineProperty(new Error("broken"), name, {
    get: () => {
      throw new Error("no access");
    },
  });
}

const withMember = (name: string, value: unknown) =>
  Object.defineProperty(new Error("broken"), name, { value });

const odd: [string, unknown][] = [
  ...MEMBERS.map((name): [string, unknown] => [
    `a throwing ${name}`,
    unreadable(name),
  ]),
  ...MEMBERS.flatMap((name) =>
    [undefined, null, 7, Symbol("s"), { a: 1 }, Object.create(null)].map(
      (value, at): [string, unknown] => [
        `a ${name} that is no text (${at})`,
        withMember(name, value),
      ],
    ),
  ),
  [
    "a proxy that refuses everything",
    new Proxy(new Error("broken"), {
      get: () => {
        throw new Error("no access");
      },
      getPrototypeOf: () => {
        throw new Error("no access");
      },
    }),
  ],
  [
    "an object whose message throws",
    {
      get message() {
        throw new Error("no access");
      },
    },
  ],
  ["a symbol", Symbol("s")],
  ["an object without a prototype", Object.create(null)],
];

describe("the last word", () => {
  it.each(odd)("is one line of NDJSON after %s", (_, error) => {
    const stderr = new Stderr(false);
    reportCrash(error, { stderr, env: {} });
    expect(stderr.text).toMatch(/^[^\n]+\n$/);
    const line = JSON.parse(stderr.text) as { level: string; msg: string };
    expect(line.level).toBe("fatal");
    expect(line.msg).not.toBe("");
  });

  it.each(odd)("is words on a terminal after %s", (_, error) => {
    for (const tell of [reportCrash, reportFatalError]) {
      const stderr = new Stderr(true);
      tell(error, { stderr, env: {} });
      expect(stderr.text).toMatch(/^sell-kafka: ./);
    }
  });

  it("has a stack only for a mistake in the program, or when asked for one", () => {
    const errOf = (error: unknown, tell = reportFatalError) => {
      const stderr = new Stderr(false);
      tell(error, { stderr, env: {} });
      return (JSON.parse(stderr.text) as { err: object }).err;
    };
    const away = new Error("Kafka can't be reached", {
      cause: new Error("connect ECONNREFUSED"),
    });
    const message = "Kafka can't be reached: connect ECONNREFUSED";
    expect(errOf(away)).toEqual({ type: "Error", message });
    expect(errOf(new TypeError("x is not a function"))).toHaveProperty("stack");
    expect(errOf(away, reportCrash)).toHaveProperty("stack");
    const asked = errOf(away, (error, around) => {
      reportFatalError(error, around, { showsStack: true });
    });
    expect(asked).toHaveProperty("stack");
  });

  it("has room in a pipe, however long the error is", () => {
    for (const isTTY of [false, true]) {
      const stderr = new Stderr(isTTY);
      reportCrash(new Error("é".repeat(5_000_000)), { stderr, env: {} });
      expect(Buffer.byteLength(stderr.text)).toBeLessThan(32_768);
      if (!isTTY) JSON.parse(stderr.text);
    }
  });

  it("is said of a warning whose parts can't be read", () => {
    const stderr = new Stderr(false);
    reportWarning(unreadable("message"), { stderr, env: {} });
    expect(JSON.parse(stderr.text)).toMatchObject({ level: "warn" });
  });
});
