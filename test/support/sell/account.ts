import { isDeepStrictEqual } from "node:util";
import type { World } from "../../../src/simulator/world.ts";
import type { Consumed } from "../kafka/read-topics.ts";

export interface Account {
  /** What is not in Kafka in its newest state, and should be. */
  readonly lost: readonly string[];
  /** Records that say again what another one has said. */
  readonly duplicates: number;
  /** Records that were deleted before Sell heard of any acknowledgement: Sell tells no such delete. */
  readonly silentDeletes: number;
}

/**
 * Holds Kafka against an account that no longer changes: each record's newest state must be
 * there as Sell has it, in the envelope `change`, a delete with its tombstone; and each key that
 * was handed out, or a newer revision of its record.
 */
export function accountOf(
  world: World,
  records: readonly Consumed[],
  handedOut: ReadonlySet<string> | null = null,
): Account {
  const newest = new Map<string, number>();
  const told = new Set<string>();
  const said = new Map<string, Buffer>();
  let duplicates = 0;
  for (const { value, headers } of records) {
    const ackKey = headers["sell.ack_key"] ?? "";
    const { record, revision } = partsOf(ackKey);
    newest.set(record, Math.max(newest.get(record) ?? 0, revision));
    const statement = `${ackKey} ${value === null ? "tombstone" : "value"}`;
    if (told.has(statement)) duplicates++;
    told.add(statement);
    if (value !== null) said.set(ackKey, value);
  }
  const lost: string[] = [];
  const silent = new Set<string>();
  for (let place = 0; place < world.size; place++) {
    const { type, id, revision, isDeleted } = world.state(place);
    const record = `${type}-${id}`;
    const known = newest.get(record);
    const ackKey = ackKeyOf(type, id, revision);
    const isThere = isDeleted
      ? told.has(`${ackKey} tombstone`)
      : isDeepStrictEqual(stateIn(said.get(ackKey)), stateOf(world, place));
    if (known === revision && isThere) continue;
    const wasTold = handedOut?.has(ackKey) ?? known;
    if (isDeleted && !wasTold) silent.add(record);
    else
      lost.push(
        `${record}: revision ${revision}, in Kafka ${known === revision ? "not as Sell has it" : (known ?? "none")}`,
      );
  }
  for (const key of handedOut ?? []) {
    const { record, revision } = partsOf(key);
    const isThere = told.has(`${key} value`) || told.has(`${key} tombstone`);
    if (isThere || silent.has(record)) continue;
    if ((newest.get(record) ?? 0) <= revision) lost.push(key);
  }
  return { lost, duplicates, silentDeletes: silent.size };
}

function stateIn(event: Buffer | undefined): unknown {
  if (event === undefined) return null;
  return (JSON.parse(event.toString("utf8")) as { after?: unknown }).after;
}

function stateOf(world: World, place: number): unknown {
  return JSON.parse(world.data(place));
}

function ackKeyOf(type: string, id: number, revision: number): string {
  const pascal = type.replace(/(?:^|_)([a-z])/g, (_, letter: string) =>
    letter.toUpperCase(),
  );
  return `${pascal}-${id}-${revision}`;
}

/** `LeadSource-7-3` speaks of revision 3 of the record `lead_source-7`. */
function partsOf(ackKey: string): { record: string; revision: number } {
  const [, type = "", id = "", revision = ""] =
    /^(\w+)-(\d+)-(\d+)$/.exec(ackKey) ?? [];
  const snake = type.replace(/(?!^)([A-Z])/g, "_$1").toLowerCase();
  return { record: `${snake}-${id}`, revision: Number(revision) };
}
