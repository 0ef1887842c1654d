import { Option } from "@commander-js/extra-typings";
import { UsageError } from "../../../app/usage-error.ts";
import type { Config } from "../../../config/definition/config.ts";
import type { AppContext } from "../../../app/context/app-context.ts";
import type { DeadLetter } from "../../../dead-letters/dead-letter.ts";
import type {
  DeadLetterTopic,
  ListedDeadLetter,
} from "../../../dead-letters/dead-letter-listing.ts";
import { printable } from "../../../security/printable.ts";

/** The option of the commands that show dead letters. */
export const allOption = new Option(
  "--all",
  "those of every connector that shares the dead-letter topic",
);

/** The dead-letter topic of a connector, which others may share. */
export function deadLetterTopicOf({
  config,
  kafka,
  clock,
}: AppContext): DeadLetterTopic {
  const { deadLetterTopic } = config.delivery;
  return { kafka, clock, deadLetterTopic };
}

/** Whether a dead letter is of the configured connector. */
export function isOwn({ connector }: DeadLetter, { name }: Config): boolean {
  return connector === name;
}

/** The transactional id of whoever writes markers: only one may at a time. */
export function markingId({ name }: Config): string {
  return `sell-kafka.${name}.replay`;
}

export function unknownDeadLetter(
  id: string,
  { delivery }: Config,
): UsageError {
  return new UsageError(
    `there is no dead letter ${id} in ${delivery.deadLetterTopic}; "sell-kafka dead-letters list" shows those there are, by partition/offset`,
  );
}

/** The facts of a dead letter that are printed as JSON. */
export function deadLetterFacts(one: ListedDeadLetter) {
  return {
    id: one.id,
    time: new Date(one.timeMs).toISOString(),
    connector: one.connector,
    type: one.type,
    key: one.key,
    stage: one.stage,
    class: one.class,
    reason: one.reason,
    originalTopic: one.originalTopic,
    bytes: one.bytes,
    chunks: one.chunks,
    state: one.state,
    replayedAt: one.replay?.time ?? null,
    held: one.replay?.held ?? null,
    dismissedAt: one.dismissal?.time ?? null,
    dismissedBy: one.dismissal?.by ?? null,
    dismissedBecause: one.dismissal?.reason ?? null,
  };
}

/** Joins the lines of a text, and escapes what a terminal would obey. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, " "));
}
