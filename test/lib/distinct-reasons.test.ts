// The first reasons of many are kept, and the others are counted.
import { expect, it } from "vitest";
import { DistinctReasons } from "../../src/lib/distinct-reasons.ts";

it("keeps the first reasons of many, and says that there are others", () => {
  const reasons = new DistinctReasons();
  expect([reasons.add("a"), reasons.add("a"), reasons.add("b")]).toEqual([
    true,
    false,
    true,
  ]);
  expect(reasons.list()).toEqual(["a", "b"]);
  let news = 0;
  for (let n = 0; n < 100_000; n++)
    if (reasons.add(`${n} ${"x".repeat(5_000)}`)) news++;
  expect(news).toBe(19);
  const list = reasons.list();
  expect(list).toHaveLength(21);
  expect(list.at(-1)).toBe("and for other reasons");
  expect(list.join("").length).toBeLessThan(11_000);
});
