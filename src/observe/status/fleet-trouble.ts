import type { ProcessTrouble, RefusedFile } from "../../domain/supervision.ts";
import type { Trouble } from "../troubles/trouble.ts";
import type { ConnectorLine, FleetTrouble } from "./fleet-status.ts";

/** A trouble whose times are filled in, unless its source knows them. */
export type TimelessTrouble = Omit<FleetTrouble, "sinceMs" | "nextTryMs"> &
  Partial<Pick<FleetTrouble, "sinceMs" | "nextTryMs">>;

/** The same text for a trouble while it lasts, whichever connectors it spreads to. */
export function keyOf(trouble: TimelessTrouble): string {
  const { code, headline, host, subject, reason } = trouble;
  return code === "connector" && subject === null
    ? JSON.stringify([code, headline, host])
    : JSON.stringify([code, subject ?? reason]);
}

/** Whether a trouble may be over with the next look at the folder. */
export function isLookedAt({ code }: TimelessTrouble): boolean {
  return code !== "connector" && code !== "group";
}

const headlines: Readonly<Record<ProcessTrouble["code"], string>> = {
  folder: "The folder can't be read",
  "cluster-file": "The change of cluster.json is not applied",
  group: "This instance is not in its group",
};

export function toProcessTrouble(trouble: ProcessTrouble): TimelessTrouble {
  const headline = headlines[trouble.code];
  return { ...trouble, headline, connectors: [], host: null };
}

export function toFileTrouble(refused: RefusedFile): TimelessTrouble {
  const { file, reason, remedy } = refused;
  return {
    code: "file",
    headline: `${file} is refused`,
    connectors: [],
    subject: file,
    host: null,
    reason: `${file} is refused: ${reason}`,
    remedy,
  };
}

/** Describes an address that this process can't listen at. */
export function toServerTrouble(reason: string): TimelessTrouble {
  return {
    code: "server",
    headline: "An address can't be served",
    connectors: [],
    subject: null,
    host: null,
    reason,
    remedy: "It is tried again by itself.",
  };
}

/** A connector that is not ready, and the worst of its troubles; null when it does not run here. */
export interface UnreadyConnector {
  readonly line: Pick<ConnectorLine, "name" | "headline" | "detail">;
  readonly worst: Trouble | null;
}

/** Describes connectors that are not ready: those with one cause, such as a server out of reach, as one trouble. */
export function toConnectorTroubles(
  unready: readonly UnreadyConnector[],
): TimelessTrouble[] {
  const groups = Map.groupBy(unready, causeOf);
  return [...groups.values()].map(toConnectorTrouble);
}

const outages: ReadonlySet<string> = new Set([
  "kafka-away",
  "registry-away",
  "sell-away",
]);

/** The same text for connectors with one cause. */
function causeOf({ line, worst }: UnreadyConnector): string {
  if (worst !== null && outages.has(worst.code))
    return JSON.stringify([worst.code, worst.host]);
  return JSON.stringify([worst?.code, worst?.host, line.headline, line.detail]);
}

const SHOWN_NAMES = 5;

function toConnectorTrouble(
  group: readonly UnreadyConnector[],
): TimelessTrouble {
  const names = group.map(({ line }) => line.name);
  const [name = ""] = names;
  const detail = group[0]?.line.detail ?? "";
  const more = names.length - SHOWN_NAMES;
  const shown = `${names.slice(0, SHOWN_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const [worst] = group.flatMap((one) => one.worst ?? []);
  const told = {
    code: "connector",
    headline: worst?.headline ?? group[0]?.line.headline ?? "",
    subject: names.length === 1 ? name : null,
    connectors: names,
    reason: `${shown}: ${detail}`,
  } as const;
  if (worst === undefined)
    return { ...told, host: null, remedy: "The log says more." };
  const all = group.flatMap((one) => one.worst ?? []);
  const see = names.length === 1 ? "See" : "See the page of each, such as";
  return {
    ...told,
    host: worst.host,
    remedy: `${worst.remedy} ${see} /connectors/${name}/.`,
    sinceMs: Math.min(...all.map(({ sinceMs }) => sinceMs)),
    nextTryMs: Math.min(...all.map(({ nextTryMs }) => nextTryMs)),
  };
}
