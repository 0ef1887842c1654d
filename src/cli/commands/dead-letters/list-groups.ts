import type { AppContext } from "../../../app/context/app-context.ts";
import type { DeadLetter } from "../../../dead-letters/dead-letter.ts";
import type {
  DeadLetterGroup,
  DeadLetterOverview,
} from "../../../dead-letters/dead-letter-groups.ts";
import { cutText } from "../../../lib/text/cut-text.ts";
import { counted } from "../../../lib/text/counted.ts";
import { printable } from "../../../security/printable.ts";
import { commandLine } from "../../command-line.ts";
import { isOwn, oneLine } from "./common.ts";

export interface GroupListingOptions {
  readonly app: Pick<AppContext, "config">;
  readonly configPath: string;
  /** Of every connector that shares the topic. */
  readonly isAll: boolean;
  readonly isDismissed: boolean;
}

export type GroupListing = ReturnType<typeof groupListing>;
type ListedGroup = GroupListing["groups"][number];

const MOST_TYPES = 20;
const LONGEST_NAME_BYTES = 100;

/** The JSON that `dead-letters list --json` prints. */
export function groupListing(
  { counts }: DeadLetterOverview,
  groups: readonly DeadLetterGroup[],
  shown: readonly DeadLetterGroup[],
  examples: ReadonlyMap<string, DeadLetter>,
  options: GroupListingOptions,
) {
  const { config } = options.app;
  const left = groups.slice(shown.length);
  return {
    topic: config.delivery.deadLetterTopic,
    connector: options.isAll ? null : config.name,
    state: options.isDismissed ? "dismissed" : "waiting",
    counts,
    groups: shown.map((group) =>
      groupFacts(group, examples.get(group.firstId) ?? null, options),
    ),
    leftOut: {
      groups: left.length,
      deadLetters: left.reduce((sum, { count }) => sum + count, 0),
    },
  };
}

function groupFacts(
  group: DeadLetterGroup,
  example: DeadLetter | null,
  options: GroupListingOptions,
) {
  const { cause, types, count, firstMs, lastMs, firstId, dismissal } = group;
  const byCount = [...types].sort(([, a], [, b]) => b - a);
  return {
    cause: cause?.id ?? null,
    connector: cause?.connector ?? null,
    types: byCount
      .slice(0, MOST_TYPES)
      .map(([type, own]) => ({ type, count: own })),
    moreTypes: Math.max(0, byCount.length - MOST_TYPES),
    stage: cause?.stage ?? null,
    class: cause?.class ?? null,
    message: cause?.message ?? "further causes, which are not told apart",
    count,
    firstTime: new Date(firstMs).toISOString(),
    lastTime: new Date(lastMs).toISOString(),
    example: {
      id: firstId,
      type: example?.type ?? null,
      key: example?.key ?? null,
      originalTopic: example?.originalTopic ?? null,
      reason: example?.reason ?? null,
    },
    dismissal,
    next: nextSteps(group, example, options),
  };
}

/** The cure and its commands; null for dead letters of another connector. */
function nextSteps(
  { cause, firstId }: DeadLetterGroup,
  example: DeadLetter | null,
  { app, configPath, isDismissed }: GroupListingOptions,
) {
  const isForeign = example !== null && !isOwn(example, app.config);
  if (cause === null || isForeign) return null;
  const command = (...words: readonly string[]) =>
    commandLine(["dead-letters", ...words], configPath);
  const show = command("show", firstId);
  if (isDismissed)
    return {
      remedy: "dismissed: a replay by id publishes it after all",
      show,
      replay: command("replay", firstId),
      dismiss: null,
    };
  return {
    remedy: remedyOf(cause.stage, cause.message, example),
    show,
    replay: command("replay", "--cause", cause.id),
    dismiss: command("dismiss", "--cause", cause.id, "--reason", "WHY"),
  };
}

/** The cure of the dead letters of one cause. */
export function remedyOf(
  stage: string,
  message: string,
  example: DeadLetter | null,
): string {
  const topic = example?.originalTopic ?? "the topic";
  const size =
    example?.chunks === 1
      ? `, so that it takes an item of ${example.bytes} bytes with its headers`
      : "";
  switch (stage) {
    case "publish":
      return /MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE/.test(message)
        ? `raise max.message.bytes of ${topic}${size}, then replay`
        : `change the settings of ${topic} that the brokers' reason names, then replay`;
    case "encode":
      return "use another value format, or a version of sell-kafka that knows these values, then replay";
    case "route":
      return "correct topics.pattern, or what the reason names, then replay";
    default:
      return "look at the item that Sell sent: it can't be read; dismiss it, or replay with a version of sell-kafka that reads it";
  }
}

/** The listing for people. */
export function groupsText(listing: GroupListing): string {
  const { counts, state, groups, leftOut } = listing;
  const total = state === "waiting" ? counts.waiting : counts.dismissed;
  const others = [
    counts.replayed > 0 ? `${counts.replayed} replayed` : "",
    state === "waiting" && counts.dismissed > 0
      ? `${counts.dismissed} dismissed`
      : "",
    counts.incomplete > 0 ? `${counts.incomplete} incomplete` : "",
  ].filter((text) => text !== "");
  const beside = others.length === 0 ? "" : `; also ${others.join(", ")}`;
  if (total === 0)
    return state === "waiting"
      ? `there are no dead letters that wait${beside}`
      : `there are no dismissed dead letters${beside}`;
  const causes = groups.length + leftOut.groups;
  const does = state === "waiting" ? "waiting" : "dismissed";
  return [
    `${total} ${does}, of ${counted(causes, "cause")}${beside}`,
    ...groups.map(groupText),
    ...(leftOut.groups > 0
      ? [
          `left out: ${counted(leftOut.groups, "cause")}, ${counted(leftOut.deadLetters, "dead letter")}; --limit shows more`,
        ]
      : []),
  ].join("\n\n");
}

function groupText(group: ListedGroup): string {
  const { cause, count, firstTime, lastTime, example, next, dismissal } = group;
  const when = count === 1 ? firstTime : `${firstTime} to ${lastTime}`;
  const rows: [string, string][] = [
    [cause ?? "-", oneLine(group.message)],
    ["count", `${count}  ${typesText(group)}`],
    [
      "from",
      `connector ${group.connector ?? "-"}, stage ${group.stage ?? "-"}, class ${group.class ?? "-"}`,
    ],
    ["when", when],
    ["example", exampleText(example)],
  ];
  if (dismissal !== null)
    rows.push([
      "by",
      `${dismissal.by} at ${dismissal.time}: ${oneLine(dismissal.reason)}`,
    ]);
  if (next !== null) {
    rows.push(["do", next.remedy], ["", next.show], ["", next.replay]);
    if (next.dismiss !== null) rows.push(["", next.dismiss]);
  }
  return rows
    .map(([name, text]) => printable(`${name.padEnd(10)}${text}`).trimEnd())
    .join("\n");
}

function typesText({ types, moreTypes }: ListedGroup): string {
  const named = types.map(
    ({ type, count }) =>
      `${cutText(type ?? "without a type", LONGEST_NAME_BYTES)} ${count}`,
  );
  const more = moreTypes > 0 ? [`${moreTypes} more types`] : [];
  return [...named, ...more].join(", ");
}

function exampleText({
  id,
  type,
  key,
  reason,
}: ListedGroup["example"]): string {
  const what = `${type ?? "-"} ${key ?? "-"}`;
  return `${id}  ${cutText(what, LONGEST_NAME_BYTES)}: ${oneLine(reason ?? "")}`;
}
