/** The walk over an error's causes ends, and never throws, whatever was thrown. */
import { expect, it } from "vitest";
import { errorChain, MOST_LINKS } from "../../src/lib/error-chain.ts";

it("yields an error and its causes", () => {
  const cause = new Error("the cause");
  const error = new Error("the error", { cause });
  expect([...errorChain(error)]).toEqual([error, cause]);
});

it("ends before a cause that is no error", () => {
  const error = new Error("the error", { cause: "a text" });
  expect([...errorChain(error)]).toEqual([error]);
  expect([...errorChain("a text")]).toEqual([]);
});

it("ends where errors are the causes of each other", () => {
  const error = new Error("its own cause");
  error.cause = error;
  expect([...errorChain(error)]).toHaveLength(MOST_LINKS);
});

it("ends before a cause that can't be read", () => {
  const error = Object.defineProperty(new Error("the error"), "cause", {
    get: () => {
      throw new Error("not readable");
    },
  });
  expect([...errorChain(error)]).toEqual([error]);
});
