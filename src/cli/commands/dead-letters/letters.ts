import { Option } from "@commander-js/extra-typings";
import { UsageError } from "../../../app/usage-error.ts";
import type { Config } from "../../../config/definition/config.ts";
import type { AppContext } from "../../../app/app-context.ts";
import type { Letter } from "../../../dead-letters/letter.ts";
import type {
  DeadLetterTopic,
  ListedLetter,
} from "../../../dead-letters/listing.ts";
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
export function isOwn(letter: Letter, { name }: Config): boolean {
  return letter.connector === name;
}

export function unknownLetter(id: string, { delivery }: Config): UsageError {
  return new UsageError(
    `there is no dead letter ${id} in ${delivery.deadLetterTopic}; "sell-kafka dead-letters list" shows those there are, by partition/offset`,
  );
}

/** The facts of a dead letter that are printed as JSON. */
export function letterFacts(letter: ListedLetter) {
  return {
    id: letter.id,
    time: new Date(letter.timeMs).toISOString(),
    connector: letter.connector,
    type: letter.type,
    key: letter.key,
    stage: letter.stage,
    class: letter.class,
    reason: letter.reason,
    originalTopic: letter.originalTopic,
    bytes: letter.bytes,
    chunks: letter.chunks,
    state: letter.state,
    replayedAt: letter.replayedAt,
  };
}

/** Joins the lines of a text, and escapes what a terminal would obey. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, " "));
}
