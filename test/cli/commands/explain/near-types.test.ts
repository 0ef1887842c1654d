// A type that does not exist leads to the one that was meant.
import { describe, expect, it } from "vitest";
import { nearTypes } from "../../../../src/cli/commands/explain/near-types.ts";
import { typesWithSchema } from "../../../../src/format/schema-files.ts";

describe("the types near a word", () => {
  it.each([
    ["contacts", "contact"],
    ["Contact", "contact"],
    ["CONTACT", "contact"],
    ["contcat", "contact"],
    ["deals", "deal"],
    ["LossReason", "loss_reason"],
    ["lossReasons", "loss_reason"],
    ["loss reason", "loss_reason"],
    ["loss-reasons", "loss_reason"],
    ["companies", "contact"],
    ["person", "contact"],
    ["opportunity", "deal"],
    ["opportunities", "deal"],
    ["TextMessages", "text_message"],
    ["sequences", "sequence"],
    ["nots", "note"],
  ])("begin with the one that %s stands for", (word, type) => {
    expect(nearTypes(word, typesWithSchema())[0]).toBe(type);
  });

  it("are those that a part of their names fits", () => {
    const near = nearTypes("unqualified_reasons", typesWithSchema());
    expect(near).toEqual([
      "deal_unqualified_reason",
      "lead_unqualified_reason",
    ]);
  });

  it.each(["xylophone", "", "7", "___", "\u202e", "x".repeat(1_000_000)])(
    "are none for %j",
    (word) => {
      expect(nearTypes(word, typesWithSchema())).toEqual([]);
    },
  );

  it("are of the known types only, at most three", () => {
    expect(nearTypes("companies", ["deal"])).toEqual([]);
    expect(nearTypes("aa", ["a1", "a2", "a3", "a4"])).toHaveLength(3);
    expect(nearTypes("Widgets", ["widget"])).toEqual(["widget"]);
  });
});
