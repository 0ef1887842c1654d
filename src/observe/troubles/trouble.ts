import type { CauseCode } from "../../domain/cause.ts";
import type { DenyingServer } from "../../domain/faults.ts";
import type { DrainProblem } from "../../domain/observer.ts";
import { counted } from "../../lib/text/counted.ts";

/** Troubles of the connector as a whole. */
type StateCode =
  | "starting"
  | "stopping"
  | "kafka-away"
  | "registry-away"
  | "sell-away"
  | "throttled"
  | "schema-kept";

export type TroubleCode =
  StateCode | CauseCode | Exclude<DrainProblem["code"], "deferred">;

/** One cause for which a connector is not ready, for an operator. Times are milliseconds since the epoch. */
export interface Trouble {
  /** Stable; docs/operations.md explains each. */
  readonly code: TroubleCode;
  readonly headline: string;
  /** The server that it is about, and its address; null when it is about none. */
  readonly server: DenyingServer | null;
  readonly host: string | null;
  /** The number of records that wait for it, and of their types; null when it holds up no single type. */
  readonly records: number | null;
  readonly typeCount: number | null;
  /** The first fifty of the types. */
  readonly types: readonly string[];
  readonly reason: string;
  /** What the connector does about it, or what the operator has to do. */
  readonly remedy: string;
  /** Carries out the remedy in a shell; null when there is no such command. */
  readonly command: string | null;
  readonly sinceMs: number;
  /** When it is tried again; in the past while that is under way. */
  readonly nextTryMs: number;
}

/** The activity of the connector as a whole, as a code. */
export type ActivityCode =
  StateCode | "denied" | "deferred" | "incomplete" | "failed";

export type Mood = "good" | "busy" | "warning" | "bad";

interface Kind {
  readonly headline: string;
  readonly activity: ActivityCode;
  readonly mood: Mood;
}

const state = (activity: ActivityCode, mood: Mood, headline: string): Kind => ({
  activity,
  mood,
  headline,
});
const deferral = (headline: string) => state("deferred", "warning", headline);
const leftOver = (headline: string) => state("incomplete", "warning", headline);

const kinds: Readonly<Record<TroubleCode, Kind>> = {
  starting: state("starting", "busy", "Starting"),
  stopping: state("stopping", "busy", "Stopping"),
  "kafka-away": state("kafka-away", "bad", "Kafka can't be reached"),
  "registry-away": state(
    "registry-away",
    "bad",
    "The schema registry can't be reached",
  ),
  "sell-away": state("sell-away", "bad", "Sell can't be reached"),
  throttled: state("throttled", "warning", "Sell asks for fewer requests"),
  "schema-kept": state(
    "incomplete",
    "warning",
    "New custom fields get no columns yet",
  ),
  denied: state("denied", "bad", "Access is refused"),
  failed: state("failed", "bad", "The last drain failed"),
  "topic-missing": deferral("Topics are missing"),
  "topic-deleted": deferral("Topics were deleted"),
  "topic-limit": deferral("No more topics are created"),
  "topic-illegal": deferral("The dead-letter topic can't exist"),
  "topic-denied": deferral("Kafka denies access to topics"),
  "topic-refused": deferral("Topics take no records"),
  "topic-creation-denied": deferral("Kafka denies the creation of topics"),
  "topic-creation-refused": deferral("Topics can't be created"),
  "records-refused": deferral("Most records of a type are refused"),
  "dead-letters-refused": deferral("The dead-letter topic takes no records"),
  "registry-denied": deferral("The schema registry denies access"),
  "registry-unusable": deferral("The schema registry can't be used"),
  "schema-missing": deferral("Schemas are missing"),
  "schema-refused": deferral("The schema registry refuses schemas"),
  "schema-incompatible": deferral("Schemas are incompatible"),
  "schema-unusable": deferral("Registered schemas can't be used"),
  "schema-misfit": deferral("Records don't fit their schema"),
  "older-revision": deferral("Sell sends older revisions"),
  "session-lost": leftOver("Sell forgot the session"),
  "pages-lost": leftOver("Answers of Sell were lost"),
  "objects-failed": leftOver("Sell could not read objects"),
  "items-without-key": leftOver("Items can't be acknowledged"),
  "acks-refused": leftOver("Sell refuses acknowledgements"),
  "no-progress": leftOver("Sessions settle nothing new"),
};

export const troubleCodes = Object.keys(kinds);

const serverNames: Readonly<Record<DenyingServer, string>> = {
  sell: "Sell",
  kafka: "Kafka",
  registry: "The schema registry",
  "token-endpoint": "The token endpoint",
  "aws-credentials": "The source of AWS credentials",
};

export function headlineOf(
  code: TroubleCode,
  server: DenyingServer | null,
): string {
  return code === "denied" && server !== null
    ? `${serverNames[server]} refuses access`
    : kinds[code].headline;
}

export function activityOf(code: TroubleCode): ActivityCode {
  return kinds[code].activity;
}

export function moodOf(code: TroubleCode): Mood {
  return kinds[code].mood;
}

/** Whether nothing reaches Kafka while it lasts. */
export function isOutage(code: TroubleCode): boolean {
  return moodOf(code) === "bad";
}

/** Says a trouble in one line, with what it concerns and what to do. */
export function troubleSentence(
  trouble: Concern & Pick<Trouble, "reason" | "remedy">,
): string {
  const about = concernOf(trouble);
  return `${trouble.reason}${about === "" ? "" : ` (${about})`}. ${trouble.remedy}`;
}

const SAID_TYPES = 10;

type Concern = Partial<Pick<Trouble, "records" | "typeCount" | "types">>;

/** Names what waits, such as `312 records of 26 types: contact, deal, …`; empty when no single type waits. */
export function concernOf({
  records = null,
  typeCount = null,
  types = [],
}: Concern): string {
  if (records === null || typeCount === null) return "";
  const shown = types.slice(0, SAID_TYPES);
  const more = typeCount - shown.length;
  const names = `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return `${counted(records, "record")} of ${counted(typeCount, "type")}: ${names}`;
}
