import { Option, type Command } from "@commander-js/extra-typings";
import type { AppContext } from "../../../app/context/app-context.ts";
import { UsageError } from "../../../app/usage-error.ts";
import type { DeadLetter } from "../../../dead-letters/dead-letter.ts";
import type { ListedDeadLetter } from "../../../dead-letters/dead-letter-listing.ts";
import { stages } from "../../../domain/faults.ts";
import { headerText } from "../../../format/headers.ts";
import { printable } from "../../../security/printable.ts";
import type { FlagsOf } from "../../options.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import { deadLetterTopicOf, isOwn, unknownDeadLetter } from "./common.ts";

/** The argument and options by which commands select dead letters. */
export const withSelection = (command: Command) =>
  command
    .argument("[ids...]", "ids, as list --each shows them: partition/offset")
    .option("--all", "all of this connector's that wait")
    .option("--cause <cause>", "those of one cause, as the list names it")
    .option("--type <type>", "those of one resource type, such as contact")
    .addOption(
      new Option("--stage <stage>", "those that failed at one stage").choices(
        stages,
      ),
    );

export type SelectionFlags = FlagsOf<typeof withSelection>;

export interface Selection {
  readonly selects: (deadLetter: DeadLetter) => boolean;
  /**
   * Throws a UsageError when a cause, or a type that Sell is not known to have, was given and none of
   * the dead letters that were looked at has it: a typo must not look like success.
   */
  readonly refuseUnknown: () => void;
}

/** Resolves to what is selected. Rejects with a UsageError when nothing, or too much, is said. */
export async function selectionOf(
  ids: readonly string[],
  { all, cause, type, stage }: SelectionFlags,
): Promise<Selection> {
  const isFiltered = [cause, type, stage].some((flag) => flag !== undefined);
  if (ids.length === 0 && !isFiltered && all !== true)
    throw new UsageError(
      "which dead letters? Give ids as the list shows them, or --cause, --type, --stage, or --all",
    );
  if (ids.length > 0 && (isFiltered || all === true))
    throw new UsageError(
      "ids don't go together with --cause, --type, --stage or --all; give the one or the other",
    );
  const { causeOf } =
    await import("../../../dead-letters/dead-letter-cause.ts");
  const { resourceTypes } =
    await import("../../../config/definition/resource-types.ts");
  const wanted = new Set(ids);
  const seen = {
    cause: cause === undefined,
    type: type === undefined || resourceTypes.includes(type),
  };
  const selects = (letter: DeadLetter) => {
    const isOfCause = cause === undefined || causeOf(letter).id === cause;
    const isOfType = type === undefined || letter.type === headerText(type);
    seen.cause ||= isOfCause;
    seen.type ||= isOfType;
    return (
      (wanted.size === 0 || wanted.has(letter.id)) &&
      (stage === undefined || letter.stage === stage) &&
      isOfCause &&
      isOfType
    );
  };
  const refuseUnknown = () => {
    const unknown = !seen.cause
      ? `the cause ${cause ?? ""}`
      : !seen.type
        ? `the type ${type ?? ""}`
        : null;
    if (unknown !== null)
      throw new UsageError(
        `no dead letter of this connector has ${printable(unknown)}; "sell-kafka dead-letters list" shows the causes and types there are`,
      );
  };
  return { selects, refuseUnknown };
}

/** Refuses ids of which nothing can be done, and tells of those that were settled before. Throws a UsageError. */
export async function refuseUnfit(
  ids: readonly string[],
  { verb, json }: { readonly verb: string; readonly json: boolean },
  app: AppContext,
  { stdout, stopping }: ProcessContext,
): Promise<void> {
  const { listDeadLetters } =
    await import("../../../dead-letters/dead-letter-listing.ts");
  const { config } = app;
  const wanted = new Set(ids);
  const { deadLetters } = await listDeadLetters(
    deadLetterTopicOf(app),
    stopping,
    {
      wants: ({ id }) => wanted.has(id),
      keepsSettled: () => true,
      mostBytes: null,
    },
  );
  for (const id of ids) {
    const letter = deadLetters.find((one) => one.id === id);
    if (letter === undefined) throw unknownDeadLetter(id, config);
    if (!isOwn(letter, config))
      throw new UsageError(
        `the dead letter ${id} is of another connector, ${printable(letter.connector ?? "without a name")}; ${verb} it with that one's configuration`,
      );
    if (letter.state === "incomplete")
      throw new UsageError(
        `the dead letter ${id} is part of an attempt that was broken off: there is nothing to ${verb}`,
      );
    const before = settledLine(letter);
    if (before !== null && !json)
      await print(stdout, `${id}  ${printable(before)}\n`);
  }
}

function settledLine({ replay, dismissal }: ListedDeadLetter): string | null {
  if (replay !== null)
    return replay.held === null
      ? `was replayed at ${replay.time}`
      : `needs no replay, as was found at ${replay.time}: ${replay.held}`;
  return dismissal === null
    ? null
    : `was dismissed at ${dismissal.time} by ${dismissal.by}: ${dismissal.reason}`;
}

/** Says how many of the selection were settled before; empty when none was. */
export function settledBeforeText({
  replayed,
  dismissed,
}: {
  readonly replayed: number;
  readonly dismissed: number;
}): string {
  const parts = [
    replayed > 0
      ? `${replayed} ${replayed === 1 ? "was" : "were"} replayed before`
      : "",
    dismissed > 0
      ? `${dismissed} ${dismissed === 1 ? "is" : "are"} dismissed`
      : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : ` (of the others, ${parts.join(", and ")})`;
}
