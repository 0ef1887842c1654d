// A run in CI skips nothing for the lack of a Kafka; elsewhere the tests that need one are skipped.
import { expect, it } from "vitest";
import { servers } from "../../support/kafka/kafka.ts";

it.runIf(process.env["CI"] === "true")(
  "there is a Kafka to test against",
  () => {
    expect(servers).not.toBeNull();
  },
);
