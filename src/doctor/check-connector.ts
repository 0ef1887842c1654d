import { randomUUID } from "node:crypto";
import type { Kafka } from "../kafka/client/kafkajs.ts";
import type { Logger } from "pino";
import { identityOf, kafkaOf, routerOf } from "../app/parts.ts";
import type { Config } from "../config/definition/config.ts";
import { warningsIn } from "../config/warnings.ts";
import { loadClusterId } from "../kafka/client/connection.ts";
import { reasonOf } from "../kafka/client/errors.ts";
import { brokerFailuresOf } from "../kafka/client/broker-failures.ts";
import { JOURNAL_TOPIC } from "../lib/kafka-topics.ts";
import { checkRegistry } from "./check-registry.ts";
import { checkSell } from "./check-sell.ts";
import { checkTopics } from "./check-topics.ts";
import { failed, ok, warning, type Report } from "./finding.ts";
import { failureReason, withinLimit } from "./time-limit.ts";

/** Checks everything that a connector needs, and reports each finding as soon as it is known. Changes nothing. */
export async function checkConnector(
  config: Config,
  path: string,
  report: Report,
  logger: Logger,
  stopping: AbortSignal,
): Promise<void> {
  await report(
    ok(
      "configuration",
      `${path} is valid; the connector is called ${config.name}`,
    ),
  );
  for (const { path: key, message } of warningsIn(config))
    await report(warning(key, message));
  await checkSell(config, report, stopping);
  await checkKafka(config, kafkaOf(config, logger), report, stopping);
  await checkRegistry(config, report, stopping);
}

/** Checks the cluster, and what is in it if it can be reached. */
async function checkKafka(
  config: Config,
  kafka: Kafka,
  report: Report,
  stopping: AbortSignal,
): Promise<void> {
  const what = `Kafka at ${config.kafka.brokers.join(",")}`;
  const lastError = () => {
    const { newest } = brokerFailuresOf(kafka);
    return newest === null ? "" : `; ${reasonOf(newest)}`;
  };
  let device: string | null;
  try {
    const clusterId = await loadClusterId(kafka, withinLimit(stopping));
    const identity = identityOf(config, clusterId);
    ({ device } = identity);
    await report(
      identity.device === null
        ? failed(what, identity.problem)
        : ok(
            what,
            `was reached; cluster ${clusterId ?? "without an id"}, device UUID ${identity.device}`,
          ),
    );
  } catch (error) {
    const message = failureReason(error, lastError()).replace(`${what} `, "");
    await report(failed(what, message));
    return;
  }
  try {
    const needs = topicNeedsOf(config, kafka, device);
    const findings = await checkTopics(needs, withinLimit(stopping));
    for (const finding of findings) await report(finding);
  } catch (error) {
    await report(failed("topics", failureReason(error, lastError())));
  }
}

function topicNeedsOf(config: Config, kafka: Kafka, device: string | null) {
  const router = routerOf(config);
  const unknownType = `check${randomUUID().slice(0, 8)}`;
  return {
    ...config.topics,
    kafka,
    connectorName: config.name,
    device,
    isTarget: (topic: string) => router.isTarget(topic),
    deadLetterTopic: config.delivery.deadLetterTopic,
    journalTopic: JOURNAL_TOPIC,
    isExactlyOnce: config.delivery.guarantee === "exactly-once",
    newTopic: router.nameOf(unknownType),
    unknownTopic: `sell-kafka.${unknownType}`,
  };
}
