import { isOf, type RefusedFile } from "../../domain/supervision.ts";
import type {
  ConnectorLine,
  FleetStatus,
  FleetTrouble,
} from "./fleet-status.ts";

/** The facts behind the headline of a folder. */
interface FleetParts {
  /** Name of this process within its group. */
  readonly instance: string;
  readonly connectors: readonly ConnectorLine[];
  readonly refused: readonly RefusedFile[];
  readonly troubles: readonly Pick<FleetTrouble, "code">[];
}

/** Says whether a process of many connectors can work, and in one sentence what it does. */
export function describeFleet(
  parts: FleetParts,
): Pick<FleetStatus, "ready" | "headline" | "mood"> {
  const { instance, connectors, refused, troubles } = parts;
  const own = connectors.filter((one) => isOf(instance, one));
  const isNoneReady = own.length > 0 && !own.some(({ ready }) => ready);
  const run = connectors.filter(isRunning).length;
  const total =
    connectors.length + refused.filter(({ goesOn }) => goesOn === null).length;
  const wrongs = [...wrongConnectors(connectors), ...wrongFiles(parts)];
  const first = isNoneReady
    ? "No connector here is ready"
    : countText(run, total);
  const headline = [first, ...wrongs].join("; ");
  const ready =
    !isNoneReady &&
    !troubles.some(({ code }) => code === "folder" || code === "group") &&
    (total === 0 || connectors.length > 0);
  const isWell = run === total && wrongs.length === 0;
  return {
    ready,
    headline,
    mood: !ready ? "bad" : isWell ? "good" : "warning",
  };
}

function isRunning({ state }: ConnectorLine): boolean {
  return state === "running" || state === "elsewhere";
}

function countText(run: number, total: number): string {
  if (total === 0) return "There is no connector yet";
  if (run < total)
    return `${run} of ${total} connectors ${run === 1 ? "runs" : "run"}`;
  return total === 1
    ? "The only connector runs"
    : `All ${total} connectors run`;
}

function* wrongConnectors(
  connectors: readonly ConnectorLine[],
): Generator<string> {
  const named = (wrong: readonly ConnectorLine[]) =>
    listText(wrong.map(({ name }) => name));
  const failed = connectors.filter(({ state }) => state === "failed");
  if (failed.length > 0) yield `${named(failed)} failed`;
  const unready = connectors.filter((one) => isRunning(one) && !one.ready);
  if (unready.length > 0)
    yield `${named(unready)} ${unready.length === 1 ? "is" : "are"} not ready`;
}

function* wrongFiles({ refused, troubles }: FleetParts): Generator<string> {
  const files = refused.map(({ file }) => file);
  if (files.length > 0)
    yield `${listText(files)} ${files.length === 1 ? "is" : "are"} refused`;
  for (const { code } of troubles) {
    if (code === "folder") yield "the folder can't be read";
    if (code === "group") yield "this instance is not in its group";
    if (code === "cluster-file")
      yield "the change of cluster.json is not applied";
    if (code === "server") yield "an address can't be served";
  }
}

const SHOWN_NAMES = 3;

/** Lists a few names; a folder may have a thousand. */
function listText(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES);
  const more = names.length - shown.length;
  const all = more > 0 ? [...shown, `${more} more`] : shown;
  const last = all.at(-1) ?? "";
  return all.length < 2 ? last : `${all.slice(0, -1).join(", ")} and ${last}`;
}
