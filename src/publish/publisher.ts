import type { Item } from "../domain/change.ts";
import type { Publisher } from "../domain/ports.ts";
import { Settled, type Outcome } from "../domain/settled.ts";
import type { Encoder } from "../format/encoder.ts";
import { BatchWriter } from "./batch-writer.ts";
import {
  deadLetterWrite,
  plan,
  repeatedOutcomes,
  typesIn,
  type Knowledge,
  type Plan,
  type PlanOptions,
} from "./plan.ts";
import { OTHER_SESSION, RevisionMemory } from "./revision-memory.ts";
import { noHistory, type History, type Sink } from "./sink.ts";
import { prepareTypes } from "./type-readiness.ts";
import type { TypeRefusals } from "./type-refusals.ts";
import { untilAvailable, type Retrying } from "./until-available.ts";
import type { PlannedWrite } from "./write-batches.ts";

export interface PublisherOptions
  extends Omit<PlanOptions, "encoder" | "history">, Retrying {
  readonly sink: Sink;
  readonly encoder: Encoder;
  readonly revisions?: RevisionMemory;
  readonly refusals: TypeRefusals;
}

/** Publishes items by the plan that is made of each batch of them. One call at a time. */
export class ItemPublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #history: History;
  readonly #planning: PlanOptions;
  readonly #writer: BatchWriter;
  readonly #revisions: RevisionMemory;
  #session = "";
  #sessionNumber = 0;

  constructor(options: PublisherOptions) {
    const { sink, revisions = new RevisionMemory() } = options;
    const { history = noHistory } = sink;
    const planning = { ...options, history };
    this.#options = options;
    this.#history = history;
    this.#planning = planning;
    this.#revisions = revisions;
    this.#writer = new BatchWriter({
      ...options,
      toDeadLetter: ({ item }, fault) => deadLetterWrite(item, fault, planning),
      written: (batch) => {
        this.#remember(batch, this.#sessionNumber);
      },
      // Some partitions may have taken their part: nothing older may follow it.
      inDoubt: (batch) => {
        this.#remember(batch, OTHER_SESSION);
      },
    });
  }

  publish(items: readonly Item[], signal: AbortSignal): Promise<Settled> {
    const history = this.#history;
    const { fresh, repeated } = history.beginBatch(items);
    const { seq } = history;
    const settling = async (): Promise<Outcome[]> => {
      const { writes, outcomes } = await this.#plan(fresh, signal);
      const settled = await this.#writer.write(writes, signal);
      for (const outcome of outcomes) settled.push(outcome);
      return [...settled, ...repeatedOutcomes(repeated, settled)];
    };
    return Settled.once(settling(), () => {
      history.acknowledged(seq);
    });
  }

  recover(signal: AbortSignal): Promise<Settled | null> {
    return this.#options.sink.recover?.(signal) ?? Promise.resolve(null);
  }

  async ready(signal: AbortSignal): Promise<void> {
    await this.#options.sink.ready?.(signal);
  }

  /** Prepares topics and schemas, and plans. */
  async #plan(items: readonly Item[], signal: AbortSignal): Promise<Plan> {
    const { sink, router, encoder } = this.#options;
    this.#enterSessions(items);
    const changes = items.filter((item) => item.kind === "change");
    await encoder.learn?.(changes, signal);
    const types = await prepareTypes(
      typesIn(items, this.#planning),
      {
        router,
        prepareTopics: (topics) => sink.topics.prepare(topics, signal),
        prepareSchema: (type, topic) =>
          untilAvailable(
            this.#options,
            "registry",
            () => encoder.prepare(type, topic, signal),
            signal,
          ),
      },
      signal,
    );
    const revisionOf: Knowledge["revisionOf"] = (print) => {
      const known = this.#revisions.recall(print);
      if (known === null) return null;
      const { revision, session } = known;
      return { revision, isOfThisSession: session === this.#sessionNumber };
    };
    return plan(items, { types, revisionOf }, this.#planning);
  }

  #enterSessions(items: readonly Item[]): void {
    for (const { session } of items) {
      if (session === this.#session) continue;
      this.#session = session;
      this.#sessionNumber++;
      this.#options.refusals.sessionStarted();
    }
  }

  #remember(batch: readonly PlannedWrite[], session: number): void {
    for (const { print, item } of batch)
      if (print !== null && item.revision !== null)
        this.#revisions.note(print, item.revision, session);
  }
}
