// The editor's schema accepts what the program accepts: a placeholder in place of any value, too.
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { file } from "../../scripts/config-schema.ts";
import { readDocument } from "../support/documents/markdown.ts";

const validate = new Ajv2020({ strict: false }).compile(
  JSON.parse(readFileSync(file, "utf8")) as object,
);
const accepts = (config: unknown) => validate(config);
const minimal = {
  name: "sell",
  sell: { accessToken: "${env:SELL_ACCESS_TOKEN}" },
  kafka: { brokers: ["kafka:9092"] },
};

describe("the schema that editors use", () => {
  it.each(["connector.config.json", "deploy/compose/connector.config.json"])(
    "accepts %s",
    (path) => {
      expect(accepts(JSON.parse(readDocument(path)))).toBe(true);
    },
  );

  it.each([
    ["a number", { sell: { ...minimal.sell, epoch: "${env:EPOCH}" } }],
    ["a boolean", { topics: { create: "${env:CREATE}" } }],
    ["a choice", { delivery: { guarantee: "${env:GUARANTEE}" } }],
    ["a list", { kafka: { brokers: "${env:KAFKA_BROKERS}" } }],
    ["a part of a text", { name: "sell-${env:REGION}" }],
    [
      "what tells variants apart",
      {
        kafka: {
          ...minimal.kafka,
          sasl: {
            mechanism: "${env:MECHANISM}",
            username: "me",
            password: "${file:/secrets/password}",
          },
        },
      },
    ],
  ])("accepts a placeholder for %s", (_, part) => {
    expect(accepts({ ...minimal, ...part })).toBe(true);
  });

  it.each([
    ["a short token", { sell: { accessToken: "short" } }],
    [
      "more than a placeholder for a number",
      { sell: { ...minimal.sell, epoch: "1${env:EPOCH}" } },
    ],
    ["a wrong choice", { delivery: { guarantee: "twice" } }],
    ["an unknown key", { sells: {} }],
  ])("refuses %s", (_, part) => {
    expect(accepts({ ...minimal, ...part })).toBe(false);
  });
});
