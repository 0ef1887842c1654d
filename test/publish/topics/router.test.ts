// Each record has its topic and its key there, whatever Sell calls its type.
import { describe, expect, it } from "vitest";
import { Router } from "../../../src/publish/topics/router.ts";

function routerOf(pattern: string): Router {
  return new Router({ connectorName: "crm", pattern, reserved: ["sell.dead"] });
}

describe("the place of a key in a topic", () => {
  it.each([
    ["sell.{type}", "sell.deal", "7", { type: "deal", key: "7" }],
    ["{name}.{type}.v1", "crm.deal.v1", "7", { type: "deal", key: "7" }],
    ["{type}.{type}", "deal.deal", "7", { type: "deal", key: "7" }],
    ["all", "all", "deal:a:b", { type: "deal", key: "a:b" }],
    ["sell.{type}", "sell.", "7", null],
    ["sell.{type}", "other.deal", "7", null],
    ["sell.{type}", "sell.dead", "7", null],
    ["{type}.{type}", "deal.note", "7", null],
    ["{type}", "__consumer_offsets", "7", null],
    ["all", "other", "deal:7", null],
  ])("of %s is found in %s", (pattern, topic, key, place) => {
    expect(routerOf(pattern).parse(topic, key)).toEqual(place);
  });
});
