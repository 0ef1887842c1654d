// Each error code of the brokers has its scope, and is retried exactly where that can help.
import { describe, expect, it } from "vitest";
import {
  allowance,
  brokerReason,
  refusalOf,
} from "../../../src/kafka/client/errors.ts";

const brokerError = (type: string) =>
  new Error("the send failed", {
    cause: Object.assign(new Error(type), { type }),
  });

describe("what the brokers refuse", () => {
  it.each([
    ["MESSAGE_TOO_LARGE", "record"],
    ["INVALID_RECORD", "record"],
    ["TOPIC_AUTHORIZATION_FAILED", "topic"],
    ["UNKNOWN_TOPIC_OR_PARTITION", "topic"],
    // Every record of the topic has this machine's time, so no record is at fault alone.
    ["INVALID_TIMESTAMP", "topic"],
    ["NOT_ENOUGH_REPLICAS", "unavailable"],
    ["NOT_ENOUGH_REPLICAS_AFTER_APPEND", "unavailable"],
    ["KAFKA_STORAGE_ERROR", "unavailable"],
    ["CLUSTER_AUTHORIZATION_FAILED", "unavailable"],
    ["SASL_AUTHENTICATION_FAILED", "unavailable"],
    ["OUT_OF_ORDER_SEQUENCE_NUMBER", "unavailable"],
    ["NO_SUCH_ERROR_YET", "unavailable"],
  ])("%s is a fault of: %s", (type, refusal) => {
    expect(refusalOf(brokerError(type))).toBe(refusal);
  });
});

describe("what is behind an error of the brokers", () => {
  it.each([
    ["INVALID_TIMESTAMP", /this machine's time, 20\d\d-.*message\.timestamp/],
    ["GROUP_COORDINATOR_NOT_AVAILABLE", /transaction\.state\.log\.min\.isr/],
    ["GROUP_AUTHORIZATION_FAILED", /allow the principal Read/],
    ["INCONSISTENT_GROUP_PROTOCOL", /instances of an earlier version/],
    ["GROUP_MAX_SIZE_REACHED", /group\.max\.size/],
    ["UNSUPPORTED_COMPRESSION_TYPE", /kafka\.compression/],
    ["INVALID_CONFIG", /topics\.config/],
    ["INVALID_REPLICATION_FACTOR", /topics\.replicationFactor/],
    ["UNKNOWN_TOPIC_OR_PARTITION", /does not exist, was deleted, or is hidden/],
  ])("is told for %s", (type, advice) => {
    expect(brokerReason(brokerError(type))).toMatch(advice);
  });

  it.each([
    ["x".repeat(250), /250 characters, and Kafka allows 249/],
    ["a b", /Kafka allows only/],
    ["..", /Kafka allows only/],
    ["__consumer_offsets", /Kafka's own/],
    ["loss_reason", /differs only in \. and _/],
  ])("is told for the topic %s", (topic, advice) => {
    const error = Object.assign(brokerError("INVALID_TOPIC_EXCEPTION"), {
      topic,
    });
    expect(brokerReason(error)).toMatch(advice);
  });

  it("is a right only where rights are missing", () => {
    const denied = brokerError("TOPIC_AUTHORIZATION_FAILED");
    expect(allowance(denied, "Write")).toContain("allow the connector's");
    expect(allowance(brokerError("INVALID_TIMESTAMP"), "Write")).toBe("");
  });
});
