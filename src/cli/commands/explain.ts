import { kafkaOf, routerOf } from "../../app/parts.ts";
import { listDeadLetters } from "../../dead-letters/dead-letter-listing.ts";
import { headerText } from "../../format/headers.ts";
import { withAdmin } from "../../kafka/client/connection.ts";
import { readNewestOfKey } from "../../kafka/read/read-newest.ts";
import type { StoredRecord } from "../../kafka/read/partition-reader.ts";
import { deadLetterKey } from "../../publish/record-key.ts";
import type { Router } from "../../publish/router.ts";
import { systemClock } from "../../lib/clock.ts";
import { RecordFault } from "../../domain/faults.ts";
import { printable } from "../../security/printable.ts";
import { print, type Context } from "../context.ts";
import { factsOf, isOwn } from "./dead-letters.ts";
import { configOf, loggerOf } from "../drains.ts";
import { letterLine, stateOf, stateText, valueText } from "../explanation.ts";
import type { CommonFlags } from "../options.ts";
import { prettyJson } from "../pretty-json.ts";

export interface ExplainFlags extends CommonFlags {
  /** Whether to show what the record holds. */
  readonly value?: boolean;
}

/** A record's newest state, or why there is none. */
type Found =
  | { readonly record: StoredRecord }
  | { readonly record: null; readonly problem: string };

/** Tells where a record stands. Exit code 0 when Kafka holds something of it, be it a dead letter. */
export async function explain(
  type: string,
  id: string,
  flags: ExplainFlags,
  context: Context,
): Promise<number> {
  const config = await configOf(flags, context);
  const { stopping } = context;
  const kafka = kafkaOf(config, loggerOf(flags, config, context, true));
  const connection = { kafka, clock: systemClock };
  const router = routerOf(config);
  const found = await find(connection, router, { type, id }, stopping);
  const { deadLetterTopic } = config.delivery;
  const onlyKey = deadLetterKey(router.key(type, id));
  const { deadLetters } = await listDeadLetters(
    { ...connection, deadLetterTopic, onlyKey },
    stopping,
  );
  const own = deadLetters.filter(
    (one) => one.type === headerText(type) && isOwn(one, config),
  );

  const { record } = found;
  const value = record !== null && flags.value ? valueText(record) : undefined;
  if (flags.json) {
    const latest = record === null ? null : stateOf(record);
    const deadLetters = own.map(factsOf);
    const facts = { type, id, latest, value, deadLetters };
    await print(context.stdout, `${JSON.stringify(facts)}\n`);
  } else {
    const lines = [
      record === null
        ? printable(`${type} ${id} is not in Kafka: ${found.problem}`)
        : `${printable(`${type} ${id}`)} is in Kafka:\n${stateText(stateOf(record))}`,
      ...own.map(letterLine),
      ...(typeof value === "string" ? ["", prettyJson(value)] : []),
    ];
    await print(context.stdout, `${lines.join("\n")}\n`);
  }
  return record === null && own.length === 0 ? 1 : 0;
}

async function find(
  connection: Parameters<typeof readNewestOfKey>[0],
  router: Router,
  { type, id }: { readonly type: string; readonly id: string },
  signal: AbortSignal,
): Promise<Found> {
  let topic: string;
  try {
    topic = router.topic(type);
  } catch (error) {
    if (!(error instanceof RecordFault)) throw error;
    return { record: null, problem: error.message };
  }
  const key = router.key(type, id);
  const newest = await readNewestOfKey(connection, { topic, key }, signal);
  if (newest.kind === "no topic") {
    const existing = await withAdmin(connection.kafka, signal, (admin) =>
      admin.listTopics(),
    );
    const types = existing.flatMap(
      (one) => router.placeOf(one, "")?.type || [],
    );
    const others =
      types.length > 0
        ? `the types that have one are ${types.sort().join(", ")}`
        : "nothing was published yet";
    return { record: null, problem: `there is no topic ${topic}; ${others}` };
  }
  if (newest.kind === "record") return newest;
  return {
    record: null,
    problem: `no record in ${topic} has the key ${key}; Sell may not have handed it out yet, or compaction has removed it after its deletion`,
  };
}
