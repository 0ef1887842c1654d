import type { Change } from "../domain/change.ts";
import type { Encoder } from "../format/encoder.ts";
import { encodeRecords } from "../publish/plan.ts";
import type { Router } from "../publish/topics/router.ts";
import type { Topics } from "../publish/topics/topics.ts";
import {
  prepareTypes,
  toObstacle,
  type Obstacle,
} from "../publish/type-readiness.ts";
import { recordName, type RecordGroup } from "../publish/write-batches.ts";
import { decodeKeptItem } from "../sell/item.ts";
import type { DeadLetter } from "./dead-letter.ts";
import type { TopicKey } from "./latest-states.ts";

/** A dead letter that today's code and configuration can make a record of. */
export interface Replayable extends TopicKey {
  readonly deadLetter: DeadLetter;
  readonly change: Change;
}

/** The records of a dead letter's change; none when its topic holds that state, or a newer one. */
export interface ReplayWrite extends RecordGroup {
  readonly replayable: Replayable;
  /** The state that the topic holds instead; null when the change is to be published. */
  readonly held: string | null;
}

/** A dead letter that stays one: its item, topic or schema is still at fault. */
export class StillDead extends Error {
  override readonly name = "StillDead";
  readonly stage: string;

  constructor(stage: string, message: string) {
    super(message);
    this.stage = stage;
  }
}

/** Decodes a dead letter and finds its topic, as if Sell had just sent it. Throws a StillDead. */
export function toReplayable(
  deadLetter: DeadLetter,
  item: Buffer,
  router: Router,
): Replayable {
  const change = decodeKeptItem(item, {
    session: deadLetter.session ?? "",
    takenAtMs: deadLetter.timeMs,
  });
  if (change.kind === "malformed")
    throw new StillDead("decode", change.problem);
  try {
    const topic = router.legalTopic(change.type);
    return { deadLetter, change, topic, key: router.legalKey(change) };
  } catch (error) {
    throw stillDead(toObstacle(error, "route"));
  }
}

export interface EncodingOptions {
  readonly router: Router;
  readonly encoder: Encoder;
  /** Null creates no topics: for a dry run. */
  readonly topics: Pick<Topics, "prepare"> | null;
}

/** Plans the records of a change. Throws a StillDead; rejects as the registry does when it is away. */
export async function planReplay(
  replayable: Replayable,
  options: EncodingOptions,
  signal: AbortSignal,
): Promise<ReplayWrite> {
  const { change, topic } = replayable;
  const { router, encoder, topics } = options;
  await encoder.learn?.([change], signal);
  const types = await prepareTypes(
    new Set([change.type]),
    {
      router,
      prepareTopics: async (names) =>
        topics === null ? new Map() : topics.prepare(names, signal),
      prepareSchema: (type, name) => encoder.prepare(type, name, signal),
    },
    signal,
  );
  const readiness = types.get(change.type);
  if (readiness?.kind === "obstacle") throw stillDead(readiness);
  const encoded = encodeRecords(change, topic, options);
  if (encoded.kind === "obstacle") throw stillDead(encoded);
  const { records } = encoded;
  const name = recordName(change, topic);
  return { replayable, held: null, item: change, topic, name, records };
}

/** The write of a dead letter of which nothing is left to be published: its marker alone. */
export function heldWrite(replayable: Replayable, held: string): ReplayWrite {
  const { change, topic } = replayable;
  return { replayable, held, item: change, topic, name: null, records: [] };
}

function stillDead({ stage, fault }: Obstacle): StillDead {
  return new StillDead(stage, fault.message);
}
