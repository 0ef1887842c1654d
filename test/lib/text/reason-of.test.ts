// The reason of an error is said in words, through all of its causes, whatever was thrown.
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { reasonOf } from "../../../src/lib/text/reason-of.ts";

const failure = (message: string, more: object = {}, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), more);

describe("the reason in an error", () => {
  it.for<[string, unknown, string]>([
    ["its words", failure("it broke"), "it broke"],
    [
      "its code too",
      failure("read", { code: "ECONNRESET" }),
      "read (ECONNRESET)",
    ],
    [
      "its code once",
      failure("connect ECONNREFUSED ::1:1", { code: "ECONNREFUSED" }),
      "connect ECONNREFUSED ::1:1",
    ],
    ["its code alone", failure("", { code: "EPIPE" }), "EPIPE"],
    ["its name at the least", new RangeError(""), "RangeError"],
    ["its cause", failure("", {}, failure("no route")), "no route"],
    [
      "its cause in place of words that say nothing",
      new TypeError("fetch failed", { cause: failure("no route") }),
      "no route",
    ],
    [
      "those that it stands for, each once",
      new AggregateError([failure("a"), failure("b"), failure("a")], ""),
      "a; b",
    ],
    [
      "those that it stands for, behind its own words",
      failure("2 topics", { errors: [failure("a"), failure("b")] }),
      "2 topics: a; b",
    ],
    [
      "its code, where its message is no text",
      Object.defineProperty(failure("", { code: "EPIPE" }), "message", {
        value: Symbol("odd"),
      }),
      "EPIPE",
    ],
    [
      "its words, where its cause can't be read",
      Object.defineProperty(failure("it broke"), "cause", {
        get: () => {
          throw new Error("no access");
        },
      }),
      "it broke",
    ],
    ["a text that was thrown", "out of paper", "out of paper"],
    ["a message that was thrown", { message: "no error" }, "no error"],
    [
      "nothing that was thrown",
      undefined,
      "something that is no error was thrown (undefined)",
    ],
  ])("is %s", ([, error, reason]) => {
    expect(reasonOf(error)).toBe(reason);
  });

  it("ends, though an error be its own cause", () => {
    const error = failure("");
    error.cause = error;
    expect(reasonOf(error)).toBe("Error");
  });

  it("has each address of a host that has two", async () => {
    const socket = connect({
      host: "two.test",
      port: 1,
      lookup: (_name, _options, found) => {
        found(null, [
          { address: "127.0.0.1", family: 4 },
          { address: "::1", family: 6 },
        ]);
      },
      autoSelectFamily: true,
    });
    const error = await new Promise((resolve) => socket.once("error", resolve));
    expect(error).toMatchObject({ message: "" });
    expect(reasonOf(error)).toMatch(
      /^connect ECONNREFUSED 127\.0\.0\.1:1; connect \w+ ::1:1/,
    );
  });
});
