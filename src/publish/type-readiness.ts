import { RecordFault, TypeFault, type Stage } from "../domain/faults.ts";
import type { Encoder } from "../format/encoder.ts";
import { inParallel } from "../lib/in-parallel.ts";
import type { Router } from "./topics/router.ts";
import type { SinkTopics } from "./sink.ts";

/** What keeps a record from being made: a RecordFault is the record's own, a TypeFault that of all of its type. */
export interface Obstacle {
  readonly kind: "obstacle";
  readonly stage: Stage;
  readonly fault: RecordFault | TypeFault;
}

/** Whether records of a type can be written now, and to which topic. */
export type TypeReadiness =
  { readonly kind: "ready"; readonly topic: string } | Obstacle;

export interface ReadinessOptions {
  readonly router: Router;
  readonly prepareTopics: SinkTopics["prepare"];
  /** As `Encoder.prepare`, perhaps repeated while the registry is away. */
  readonly prepareSchema: Encoder["prepare"];
}

/** Makes sure of the topics and schemas of types. Rejects as the two preparations do. */
export async function prepareTypes(
  types: ReadonlySet<string>,
  { router, prepareTopics, prepareSchema }: ReadinessOptions,
  signal: AbortSignal,
): Promise<Map<string, TypeReadiness>> {
  const ready = new Map<string, TypeReadiness>();
  const typesByTopic = new Map<string, string[]>();
  for (const type of types) {
    const readiness = route(type, router);
    ready.set(type, readiness);
    if (readiness.kind !== "ready") continue;
    const { topic } = readiness;
    typesByTopic.set(topic, [...(typesByTopic.get(topic) ?? []), type]);
  }
  const faults = await prepareTopics([...typesByTopic.keys()], signal);
  // Types of one topic may share a schema: the second one finds what the first has registered.
  await inParallel([...typesByTopic], async ([topic, own]) => {
    const fault = faults.get(topic);
    for (const type of own)
      try {
        if (fault !== undefined) ready.set(type, toObstacle(fault, "route"));
        else await prepareSchema(type, topic, signal);
      } catch (error) {
        ready.set(type, toObstacle(error, "encode"));
      }
  });
  return ready;
}

function route(type: string, router: Router): TypeReadiness {
  try {
    return { kind: "ready", topic: router.legalTopic(type) };
  } catch (error) {
    return toObstacle(error, "route");
  }
}

/** Throws what is no fault of a record or type. `stage` is that of a TypeFault. */
export function toObstacle(error: unknown, stage: Stage): Obstacle {
  if (error instanceof RecordFault)
    return { kind: "obstacle", stage: error.stage, fault: error };
  if (error instanceof TypeFault)
    return { kind: "obstacle", stage, fault: error };
  throw error;
}
