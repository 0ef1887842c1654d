import type { Encoder } from "../format/encoder.ts";
import type { KafkaRecord } from "../kafka/write/producer.ts";
import type { Router } from "../publish/router.ts";
import type { Topics } from "../publish/topics.ts";
import type { Change } from "../domain/change.ts";
import { RecordFault, TypeFault } from "../domain/faults.ts";
import { decodeKeptItem } from "../sell/item.ts";
import type { Place } from "./latest-states.ts";
import type { Letter } from "./letter.ts";

/** A letter that today's code and configuration can make a record of. */
export interface Reissue extends Place {
  readonly letter: Letter;
  readonly change: Change;
}

/** A letter that stays one: its item, topic or schema is still at fault. */
export class StillDead extends Error {
  override readonly name = "StillDead";
  readonly stage: string;

  constructor(stage: string, message: string) {
    super(message);
    this.stage = stage;
  }
}

/** Decodes a letter and finds its topic, as if Sell had just sent it. Throws a StillDead. */
export function reissueOf(
  letter: Letter,
  item: Buffer,
  router: Router,
): Reissue {
  const change = decodeKeptItem(item, {
    session: letter.session ?? "",
    takenAtMs: letter.timeMs,
  });
  if (change.kind === "malformed")
    throw new StillDead("decode", change.problem);
  return orStillDead("route", () => ({
    letter,
    change,
    topic: router.topic(change.type),
    key: router.keyOf(change),
  }));
}

export interface EncodingOptions {
  readonly encoder: Encoder;
  /** Null creates no topics: for a dry run. */
  readonly topics: Topics | null;
}

/** The records of a change. Throws a StillDead; rejects as the registry does when it is away. */
export async function recordsOf(
  { change, topic, key }: Reissue,
  { encoder, topics }: EncodingOptions,
  signal: AbortSignal,
): Promise<KafkaRecord[]> {
  const faults = await topics?.prepare([topic], signal);
  const fault = faults?.get(topic);
  if (fault !== undefined) throw new StillDead("route", fault.message);
  try {
    await encoder.prepare(change.type, topic, signal);
  } catch (error) {
    if (error instanceof TypeFault)
      throw new StillDead("encode", error.message);
    throw error;
  }
  return orStillDead("encode", () =>
    encoder
      .encode(change, topic)
      .map((payload) => ({ topic, key, ...payload })),
  );
}

function orStillDead<T>(stage: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RecordFault)
      throw new StillDead(error.stage, error.message);
    if (error instanceof TypeFault) throw new StillDead(stage, error.message);
    throw error;
  }
}
