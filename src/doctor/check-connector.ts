import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Config } from "../config/definition/config.ts";
import { doubtfulIn } from "../config/doubtful.ts";
import { identityOf, kafkaOf, routerOf } from "../app/parts.ts";
import { loadClusterId } from "../kafka/client/connection.ts";
import { reasonOf } from "../kafka/client/errors.ts";
import { brokerFailuresOf } from "../kafka/client/broker-failures.ts";
import { inspectTopics } from "./inspect.ts";
import { reason, within } from "./check-patience.ts";
import { checkRegistry } from "./check-registry.ts";
import { checkSell } from "./check-sell.ts";
import type { Findings } from "../cli/findings.ts";
import { JOURNAL_TOPIC } from "../lib/kafka-topics.ts";

/** Looks whether everything that a connector needs is there, and reports each thing as it is found. */
export async function checkConnector(
  config: Config,
  path: string,
  report: Findings["report"],
  logger: Logger,
  stopping: AbortSignal,
): Promise<void> {
  await report({
    status: "ok",
    what: "configuration",
    message: `${path} is valid; the connector is called ${config.name}`,
  });
  for (const { path: key, message } of doubtfulIn(config))
    await report({ status: "warning", what: key, message });
  await checkSell(config, report, stopping);
  await checkKafka(config, kafkaOf(config, logger), report, stopping);
  await checkRegistry(config, report, stopping);
}

async function checkKafka(
  config: Config,
  kafka: ReturnType<typeof kafkaOf>,
  report: Findings["report"],
  stopping: AbortSignal,
): Promise<void> {
  const what = `Kafka at ${config.kafka.brokers.join(",")}`;
  const newest = () => {
    const fault = brokerFailuresOf(kafka).newest;
    return fault === null ? "" : `; ${reasonOf(fault)}`;
  };
  let device: string | null;
  try {
    const clusterId = await loadClusterId(kafka, within(stopping));
    const identity = identityOf(config, clusterId);
    ({ device } = identity);
    await report(
      identity.device === null
        ? { status: "failed", what, message: identity.problem }
        : {
            status: "ok",
            what,
            message: `was reached; cluster ${clusterId ?? "without an id"}, device UUID ${identity.device}`,
          },
    );
  } catch (error) {
    const message = reason(error, newest()).replace(`${what} `, "");
    await report({ status: "failed", what, message });
    return;
  }
  const router = routerOf(config);
  const unknownType = `check${randomUUID().slice(0, 8)}`;
  try {
    const findings = await inspectTopics(
      {
        ...config.topics,
        kafka,
        connectorName: config.name,
        device,
        isTarget: (topic) => router.placeOf(topic, "") !== null,
        deadLetterTopic: config.delivery.deadLetterTopic,
        journalTopic: JOURNAL_TOPIC,
        isExactlyOnce: config.delivery.guarantee === "exactly-once",
        newTopic: router.nameOf(unknownType),
        unknownTopic: `sell-kafka.${unknownType}`,
      },
      within(stopping),
    );
    for (const finding of findings) await report(finding);
  } catch (error) {
    await report({
      status: "failed",
      what: "topics",
      message: reason(error, newest()),
    });
  }
}
