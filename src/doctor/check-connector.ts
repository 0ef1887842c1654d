import { randomUUID } from "node:crypto";
import type { AppContext } from "../app/context/app-context.ts";
import { warningsIn } from "../config/warnings.ts";
import { brokerReason } from "../kafka/client/errors.ts";
import { brokerFailuresOf } from "../kafka/client/broker-failures.ts";
import { checkCustomFields } from "./check-custom-fields.ts";
import { checkRegistry } from "./check-registry.ts";
import { checkSell } from "./check-sell.ts";
import { checkTopics } from "./check-topics.ts";
import { failed, ok, warning, type Report } from "./finding.ts";
import { failureReason, withinLimit } from "./time-limit.ts";

/** Checks everything that a connector needs, and reports each finding as soon as it is known. Changes nothing. */
export async function checkConnector(
  app: AppContext,
  path: string,
  report: Report,
  stopping: AbortSignal,
): Promise<void> {
  const { config } = app;
  await report(
    ok(
      "configuration",
      `${path} is valid; the connector is called ${config.name}`,
    ),
  );
  for (const { path: key, message } of warningsIn(config))
    await report(warning(key, message));
  await checkSell(app, report, stopping);
  const columns = app.openColumns();
  if (columns !== null) await checkCustomFields(columns, report, stopping);
  await checkKafka(app, report, stopping);
  await checkRegistry(app, report, stopping, columns);
}

/** Checks the cluster, and what is in it if it can be reached. */
async function checkKafka(
  app: AppContext,
  report: Report,
  stopping: AbortSignal,
): Promise<void> {
  const { config, kafka } = app;
  const what = `Kafka at ${config.kafka.brokers.join(",")}`;
  const lastError = () => {
    const { newest } = brokerFailuresOf(kafka);
    return newest === null ? "" : `; ${brokerReason(newest)}`;
  };
  let device: string | null;
  try {
    const identity = await app.identity(withinLimit(stopping));
    const { clusterId } = identity;
    device = identity.kind === "known" ? identity.device : null;
    await report(
      identity.kind === "unknown"
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
    const needs = topicNeedsOf(app, device);
    const findings = await checkTopics(needs, withinLimit(stopping));
    for (const finding of findings) await report(finding);
  } catch (error) {
    await report(failed("topics", failureReason(error, lastError())));
  }
}

function topicNeedsOf(app: AppContext, device: string | null) {
  const { config, kafka, router } = app;
  const unknownType = `check${randomUUID().slice(0, 8)}`;
  return {
    ...app.newTopics,
    kafka,
    connectorName: config.name,
    device,
    isTarget: (topic: string) => router.isTarget(topic),
    isExactlyOnce: config.delivery.guarantee === "exactly-once",
    newTopic: router.topicFor(unknownType),
    unknownTopic: `sell-kafka.${unknownType}`,
  };
}
