import { randomUUID } from "node:crypto";
import { doubtfulIn } from "../config/doubtful.ts";
import type { AppContext } from "../app/app-context.ts";
import { reasonOf } from "../kafka/client/errors.ts";
import { failedAttemptsOf } from "../kafka/client/failed-attempts.ts";
import { inspectTopics } from "./inspect.ts";
import { reason, within } from "./check-patience.ts";
import { checkRegistry } from "./check-registry.ts";
import { checkSell } from "./check-sell.ts";
import type { Report } from "./topic-findings.ts";
import { JOURNAL_TOPIC } from "../lib/kafka-topics.ts";

/** Looks whether everything that a connector needs is there, and reports each thing as it is found. */
export async function checkConnector(
  app: AppContext,
  path: string,
  report: Report,
  stopping: AbortSignal,
): Promise<void> {
  const { config } = app;
  await report({
    status: "ok",
    what: "configuration",
    message: `${path} is valid; the connector is called ${config.name}`,
  });
  for (const { path: key, message } of doubtfulIn(config))
    await report({ status: "warning", what: key, message });
  await checkSell(app, report, stopping);
  await checkKafka(app, report, stopping);
  await checkRegistry(app, report, stopping);
}

async function checkKafka(
  app: AppContext,
  report: Report,
  stopping: AbortSignal,
): Promise<void> {
  const { config, kafka, router } = app;
  const what = `Kafka at ${config.kafka.brokers.join(",")}`;
  const newest = () => {
    const fault = failedAttemptsOf(kafka).newest;
    return fault === null ? "" : `; ${reasonOf(fault)}`;
  };
  let device: string | null;
  try {
    const identity = await app.identity(within(stopping));
    device = identity.kind === "known" ? identity.device : null;
    await report(
      identity.kind === "unknown"
        ? { status: "failed", what, message: identity.problem }
        : {
            status: "ok",
            what,
            message: `was reached; cluster ${identity.clusterId ?? "without an id"}, device UUID ${identity.device}`,
          },
    );
  } catch (error) {
    const message = reason(error, newest()).replace(`${what} `, "");
    await report({ status: "failed", what, message });
    return;
  }
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
