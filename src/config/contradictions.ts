import {
  hasColumns,
  needsRegistry,
  registeredFormatNames,
} from "../format/value-formats.ts";
import { z } from "zod";
import { DEFAULT_MARKERS_TOPIC } from "../lib/kafka-topics.ts";
import { DEFAULT_DEAD_LETTER_TOPIC } from "./definition/delivery.ts";
import { topicName } from "./definition/fields.ts";
import { DEFAULT_PATTERN, topicPattern } from "./definition/topics.ts";
import type { Problem } from "./problem.ts";
import { topicContradictionsIn } from "./topic-contradictions.ts";

const topicNames = z.object({
  name: z.string(),
  pattern: topicPattern,
  deadLetterTopic: topicName,
  markers: topicName.nullable(),
});

/** The members that contradict each other, of a configuration that may be wrong in any way. */
interface Unchecked {
  readonly name?: unknown;
  readonly sell?: Readonly<Record<string, unknown>> | null;
  readonly topics?: { pattern?: unknown; markers?: unknown } | null;
  readonly format?: { value?: unknown; layout?: unknown } | null;
  readonly schemaRegistry?: unknown;
  readonly delivery?: { deadLetterTopic?: unknown } | null;
}

/** Settings of `sell` of which the first is never above the second. */
const limits = [
  ["minPollIntervalMs", "pollIntervalMs"],
  ["ackBatchSize", "maxAckBatchSize"],
] as const;

function isAbove(lower: unknown, upper: unknown): boolean {
  return (
    typeof lower === "number" && typeof upper === "number" && lower > upper
  );
}

/** Settings that contradict each other, whatever else is wrong with them. */
export function contradictionsIn(config: unknown): Problem[] {
  const { name, sell, topics, format, schemaRegistry, delivery } = (config ??
    {}) as Unchecked;
  const problems: Problem[] = [];
  if (sell?.["deviceUuid"] !== undefined && (sell["epoch"] ?? 0) !== 0)
    problems.push({
      path: "sell.epoch",
      message:
        "has no effect on a device UUID that is set; remove sell.deviceUuid, or change it in place of the epoch",
    });
  for (const [lower, upper] of limits)
    if (isAbove(sell?.[lower], sell?.[upper]))
      problems.push({
        path: `sell.${lower}`,
        message: `is above sell.${upper} (${String(sell?.[upper])}); lower it, or raise sell.${upper}`,
      });
  if (needsRegistry(format?.value) && schemaRegistry === undefined)
    problems.push({
      path: "schemaRegistry",
      message: `is required with format.value "${String(format?.value)}"; set schemaRegistry.url`,
    });
  if (format?.layout === "columns" && !hasColumns(format.value ?? "json"))
    problems.push({
      path: "format.layout",
      message: `is "columns", which needs a value format with schemas; set format.value to ${registeredFormatNames.join(" or ")}, or remove format.layout`,
    });
  const names = topicNames.safeParse({
    name,
    pattern: topics?.pattern ?? DEFAULT_PATTERN,
    deadLetterTopic: delivery?.deadLetterTopic ?? DEFAULT_DEAD_LETTER_TOPIC,
    markers:
      topics?.markers === undefined ? DEFAULT_MARKERS_TOPIC : topics.markers,
  });
  if (names.success) problems.push(...topicContradictionsIn(names.data));
  return problems;
}
