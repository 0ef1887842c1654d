import type { Kafka } from "kafkajs";
import { ProducerState } from "../../src/kafka/write/producer-state.ts";
import { KafkaWriter } from "../../src/kafka/write/kafka-writer.ts";
import { exactlyOnceOn } from "../../src/app/context/shared-resources.ts";
import { createTransactionalSink } from "../../src/publish/exactly-once/transactional-sink.ts";
import { ItemPublisher } from "../../src/publish/publisher.ts";
import { Router } from "../../src/publish/topics/router.ts";
import type { Sink } from "../../src/publish/sink.ts";
import { KafkaSink, SharedWriter } from "../../src/publish/sinks/kafka-sink.ts";
import type { Topics } from "../../src/publish/topics/topics.ts";
import { sellHeaders } from "../../src/format/headers.ts";
import type { Encoder } from "../../src/format/encoder.ts";
import {
  FencedFault,
  RecordFault,
  RivalFault,
  TypeFault,
  UnavailableFault,
} from "../../src/domain/faults.ts";
import { AckBatchSize } from "../../src/pipeline/ack-batch-size.ts";
import { poll } from "../../src/pipeline/poller.ts";
import { TypeRefusals } from "../../src/publish/type-refusals.ts";
import { RevisionMemory } from "../../src/publish/revision-memory.ts";
import type { Random } from "../../src/simulator/random.ts";
import { observers } from "../../src/domain/observer.ts";
import { calm, weather } from "./chances.ts";
import { DrainWatch } from "./drain-watch.ts";
import { type Broken, type Counts, Ledger } from "./ledger.ts";
import { MemoryClient } from "./memory-client.ts";
import { MemoryKafka } from "./memory-kafka.ts";
import { MemorySell, keyOf, type Oddity } from "./memory-sell.ts";
import { Neighbour } from "./neighbour.ts";
import { Life, Schedule, quiet } from "./schedule.ts";
import { missingTopic } from "../support/builders.ts";
import { JOURNAL_TOPIC } from "../../src/lib/kafka-topics.ts";

export interface Outcome {
  readonly seed: number;
  readonly broken: Broken | null;
  readonly trace: readonly string[];
  readonly steps: number;
  readonly lives: number;
  readonly counts: Counts;
}

const MOST_STORMY_STEPS = 220;
const MOST_STEPS = 6_000;
/** How many records of a type are refused in a session before the type waits for its topic. */
const MOST_REFUSED = 2;

/** Even seeds deliver at least once. */
export function isExactlyOnce(seed: number): boolean {
  return seed % 2 === 1;
}

/**
 * Plays one schedule: a stormy time with deaths of the process, then a calm one, in which
 * everything must come to its end.
 * Two runs of one seed are the same, step for step.
 */
export async function simulate(
  seed: number,
  isTraced = false,
): Promise<Outcome> {
  const trial = new Trial(seed, isTraced);
  const { stackTraceLimit } = Error;
  // Most of what is thrown here is meant, and stacks cost a tenth of the time.
  Error.stackTraceLimit = 0;
  try {
    await trial.run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const { schedule, ledger, lives } = trial;
  return {
    seed,
    broken: ledger.broken,
    trace: schedule.trace,
    steps: schedule.steps,
    lives,
    counts: ledger.counts,
  };
}

/** A process: one life, and the two ways of asking it to end. */
interface Running {
  readonly life: Life;
  readonly stopping: AbortController;
  readonly givingUp: AbortController;
}

class Trial {
  readonly schedule: Schedule;
  readonly ledger: Ledger;
  lives = 0;
  readonly #isExactlyOnce: boolean;
  readonly #sell: MemorySell;
  readonly #kafka: MemoryKafka;
  readonly #neighbour: Neighbour;
  /** Topics that nobody may write for now. */
  readonly #denied = new Set<string>();
  readonly #parallelFetches: number;
  readonly #maxBufferedBytes: number;
  readonly #batchSize: number;
  readonly #pollIntervalMs: number;
  #chances;
  #current: Running | null = null;
  /** One that was taken for dead, and goes on beside the current one. */
  #zombie: Running | null = null;
  #hadZombie = false;
  #hasDrained = false;

  constructor(seed: number, isTraced: boolean) {
    this.schedule = new Schedule(seed, isTraced);
    this.#isExactlyOnce = isExactlyOnce(seed);
    this.ledger = new Ledger(this.#isExactlyOnce);
    const { random } = this.schedule;
    this.#chances = weather(random);
    this.#sell = new MemorySell(this.schedule, this.#chances, () => {
      this.ledger.counts.redelivered++;
    });
    this.#kafka = new MemoryKafka(this.schedule, (record) => {
      this.ledger.stored(record);
    });
    this.#neighbour = new Neighbour(this.#kafka, this.#sell, this.schedule);
    const records = random.integer(1, 14);
    const areNotesLarge = random.chance(0.2);
    for (let count = 0; count < records; count++) {
      const type = random.pick(["deal", "note"]);
      const isLarge = areNotesLarge && type === "note";
      this.#sell.add(type, isLarge ? "too large" : oddityOf(random));
    }
    this.#parallelFetches = random.integer(1, 4);
    this.#maxBufferedBytes = random.pick([1, 1, 250, 1_000, 100_000]);
    this.#batchSize = random.integer(1, 6);
    this.#pollIntervalMs = random.pick([1_000, 30_000]);
  }

  async run(): Promise<void> {
    const stormySteps = this.schedule.random.integer(20, MOST_STORMY_STEPS);
    while (this.schedule.steps < stormySteps && this.#isSound)
      await this.#stormyStep();
    this.#calmDown();
    while (this.#isSound && !this.#isSettled) {
      if (this.#current === null) await this.#begin();
      if (this.schedule.steps > MOST_STEPS || !(await this.schedule.step()))
        this.ledger.fail("it does not come to its end");
    }
    if (this.#isSound) this.#checkTheEnd();
    this.#endLife(this.#current, "the schedule ends");
  }

  get #isSound(): boolean {
    return this.ledger.broken === null;
  }

  /** A drain began and ended in calm, and left nothing but what can't be acknowledged. */
  get #isSettled(): boolean {
    return (
      this.#hasDrained &&
      this.#sell.pending.every(({ oddity }) => oddity === "no ack key")
    );
  }

  #calmDown(): void {
    this.#chances = calm;
    this.#sell.chances = calm;
    this.#denied.clear();
    this.#endLife(this.#zombie, "it is dead after all");
    this.#neighbour.end();
    this.schedule.tell(() => "the storm is over");
  }

  async #stormyStep(): Promise<void> {
    const { random } = this.schedule;
    if (this.#current === null) await this.#begin();
    else await this.#misfortune(this.#current);
    if (this.#zombie !== null && random.chance(0.008))
      this.#endLife(this.#zombie, "it is dead after all");
    if (random.chance(this.#chances.change)) this.#sell.change();
    if (this.#isExactlyOnce && random.chance(this.#chances.neighbour))
      this.#neighbour.act();
    if (this.#isExactlyOnce && random.chance(this.#chances.journalGrows))
      this.#kafka.grow(JOURNAL_TOPIC);
    await this.schedule.step();
  }

  async #misfortune(current: Running): Promise<void> {
    const { random } = this.schedule;
    const { death, replaced } = this.#chances;
    const mayBeReplaced = this.#isExactlyOnce && this.#zombie === null;
    if (mayBeReplaced && random.chance(replaced)) this.#takeForDead(current);
    else if (random.chance(death)) this.#endLife(current, "it is killed");
    else if (random.chance(death)) {
      this.schedule.tell(() => "it is asked to stop");
      current.stopping.abort(new Error("SIGTERM"));
      await quiet();
    } else if (current.stopping.signal.aborted && random.chance(0.05)) {
      this.schedule.tell(() => "it gives up");
      current.givingUp.abort(new Error("too late"));
      await quiet();
    }
  }

  #takeForDead(current: Running): void {
    this.schedule.tell(() => `life ${current.life.number} is taken for dead`);
    this.#hadZombie = true;
    this.#zombie = current;
    this.#current = null;
  }

  #endLife(running: Running | null, how: string): void {
    if (running === null) return;
    this.schedule.tell(() => `life ${running.life.number}: ${how}`);
    running.life.end();
    if (this.#current === running) this.#current = null;
    if (this.#zombie === running) this.#zombie = null;
  }

  async #begin(): Promise<void> {
    const running: Running = {
      life: new Life(this.schedule, ++this.lives),
      stopping: new AbortController(),
      givingUp: new AbortController(),
    };
    this.#current = running;
    const { life } = running;
    const givingUp = running.givingUp.signal;
    this.schedule.tell(() => `life ${life.number} begins`);
    this.#poll(running).then(
      () => {
        this.#endLife(running, "it has stopped");
      },
      (error: unknown) => {
        const isRival = error instanceof RivalFault && this.#hadZombie;
        if (error !== givingUp.reason && !isRival)
          this.ledger.fail(`the process ends with ${String(error)}`);
        this.#endLife(running, "it has given up");
      },
    );
    await quiet();
  }

  async #poll({ life, stopping, givingUp }: Running): Promise<void> {
    const { publisher, sink } = this.#createPublisher(life);
    let drain = this.#watchedDrain(life, publisher);
    let beganInCalm = false;
    await poll(
      {
        source: {
          open: (signal) => drain.source.open(signal),
          acknowledge: (keys, signal) => drain.source.acknowledge(keys, signal),
        },
        publisher: {
          publish: (items, signal) => drain.publisher.publish(items, signal),
          recover: (signal) => drain.publisher.recover(signal),
          ready: (signal) => drain.publisher.ready(signal),
        },
        acknowledges: true,
        ackBatches: new AckBatchSize({
          ackBatchSize: this.#batchSize,
          maxAckBatchSize: 4 * this.#batchSize,
        }),
        clock: life,
        observer: observers({
          drainStarted: () => {
            drain = this.#watchedDrain(life, publisher);
            beganInCalm = this.#chances === calm;
          },
          dropped: () => {
            drain.watch.dropped();
          },
          retrying: (_, error) => {
            if (error instanceof FencedFault) drain.watch.fenced();
          },
        }),
        parallelFetches: this.#parallelFetches,
        pollIntervalMs: this.#pollIntervalMs,
        minPollIntervalMs: 1_000,
        pollTurn: () => Promise.resolve(),
        maxBufferedBytes: this.#maxBufferedBytes,
        drained: async (result) => {
          const { end } = result;
          if (end === "failed") throw result.fault;
          this.schedule.tell(() => `life ${life.number}: drain ${end}`);
          if (end === "complete") drain.watch.complete();
          if (beganInCalm) this.#hasDrained = true;
          await sink.rest(end === "complete");
        },
      },
      { stopping: stopping.signal, givingUp: givingUp.signal },
    );
    await sink.close();
  }

  #createPublisher(life: Life): { publisher: ItemPublisher; sink: Sink } {
    const client = new MemoryClient(
      this.#kafka,
      this.schedule,
      life,
      () => this.#chances,
      this.#denied,
    );
    const options = {
      encoder: this.#encoder(),
      router: new Router({
        connectorName: "c",
        pattern: "{type}",
        reserved: ["dead"],
      }),
      topics: this.#topics(life),
      clock: life,
      connectorName: "c",
      deadLetterTopic: "dead",
      retrying: () => undefined,
      revisions: new RevisionMemory(1 << 5),
      refusals: new TypeRefusals(MOST_REFUSED),
    };
    const shared = exactlyOnceOn(client.kafka, life);
    const sink = this.#isExactlyOnce
      ? createTransactionalSink({
          ...options,
          kafka: client.kafka,
          device: "device",
          compression: "none",
          mayWrite: () => undefined,
          feed: shared.journal,
          connections: shared.transactions,
        })
      : new KafkaSink({ ...options, ...alone(client.kafka, life) });
    return { publisher: new ItemPublisher({ ...options, sink }), sink };
  }

  #topics(life: Life): Pick<Topics, "prepare" | "refused"> {
    const { random } = this.schedule;
    const why = (topic: string) => new TypeFault(missingTopic(topic));
    const isAbsent = (topic: string) =>
      this.#denied.has(topic) || random.chance(this.#chances.topicAbsent);
    return {
      prepare: (topics, signal) =>
        life.ask(
          () => `look at ${topics.join(" ")}`,
          () =>
            new Map(
              topics.filter(isAbsent).map((topic) => [topic, why(topic)]),
            ),
          signal,
        ),
      // Some of the time the topic is there after all, and the write is tried again.
      refused: (topic) =>
        Promise.resolve(random.chance(0.3) ? null : why(topic)),
    };
  }

  /** The source and the publisher of one drain, whose calls are judged. */
  #watchedDrain(life: Life, publisher: ItemPublisher) {
    const watch = new DrainWatch(
      this.ledger,
      this.#sell,
      this.#maxBufferedBytes,
    );
    return {
      watch,
      source: watch.source(this.#sell.source(life, watch)),
      publisher: watch.publisher(publisher),
    };
  }

  /** The record as it is, a tombstone behind a delete, and the faults that an encoder may have. */
  #encoder(): Encoder {
    const { random } = this.schedule;
    return {
      prepare: async (type) => {
        await Promise.resolve();
        if (random.chance(this.#chances.registryAway))
          throw new UnavailableFault("the registry is away");
        if (random.chance(this.#chances.schemaRefused))
          throw new TypeFault({
            ...missingTopic(type),
            code: "schema-refused",
          });
      },
      encode: (change) => {
        if (this.#sell.record(change)?.oddity === "not encodable")
          throw new RecordFault("encode", "it can't be written");
        const headers = sellHeaders(change, "c");
        const value = { value: change.data, headers };
        return change.op === "d" ? [value, { value: null, headers }] : [value];
      },
    };
  }

  #checkTheEnd(): void {
    for (const record of this.#sell.records) {
      const wasNeverKnown = record.isDeleted && record.acknowledged === 0;
      if (!wasNeverKnown && !this.ledger.durable.has(keyOf(record)))
        this.ledger.fail(`${keyOf(record)} is lost`);
    }
  }
}

function oddityOf(random: Random): Oddity | null {
  if (random.chance(0.85)) return null;
  return random.pick([
    "malformed",
    "no ack key",
    "no revision",
    "not encodable",
    "too large",
    "far too large",
    "no legal topic",
  ]);
}

/** The writer of the only connector of its process. */
function alone(kafka: Kafka, life: Life) {
  const producer = new ProducerState();
  return {
    shared: new SharedWriter(new KafkaWriter(kafka, "none", life)),
    author: { producer, mayWrite: () => undefined },
  };
}
