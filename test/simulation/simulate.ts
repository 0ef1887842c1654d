import type { Writer } from "../../src/kafka/producer.ts";
import { Publisher } from "../../src/kafka/publisher.ts";
import { Router } from "../../src/kafka/route.ts";
import type { Topics } from "../../src/kafka/topics.ts";
import { sellHeaders } from "../../src/format/headers.ts";
import type { Encoder } from "../../src/format/encoder.ts";
import { Acknowledger } from "../../src/pipeline/acknowledger.ts";
import type { DrainOptions } from "../../src/pipeline/drain.ts";
import {
  DeniedFault,
  RecordFault,
  TypeFault,
  UnavailableFault,
} from "../../src/pipeline/faults.ts";
import { poll } from "../../src/pipeline/poller.ts";
import type { Sink, Source } from "../../src/pipeline/ports.ts";
import { RevisionMemory } from "../../src/pipeline/revision-memory.ts";
import type { Random } from "../../src/simulator/random.ts";
import { observers } from "../../src/pipeline/observer.ts";
import { calm, weather } from "./chances.ts";
import { type Broken, DrainWatch, Ledger } from "./ledger.ts";
import { MemoryKafka } from "./memory-kafka.ts";
import { MemorySell, keyOf, type Oddity } from "./memory-sell.ts";
import { Life, Schedule, quiet } from "./schedule.ts";

export interface SinkParts {
  readonly life: Life;
  readonly random: Random;
  readonly writer: Writer;
  readonly topics: Pick<Topics, "prepare" | "refused">;
  readonly encoder: Encoder;
}

/** What a test may put in place of parts of the connector, to see that it is found out. */
export interface Parts {
  readonly sink: (parts: SinkParts) => Sink;
  /** What the acknowledger hears from, with the sink's own word already checked. */
  readonly watchedSink: (sink: Sink) => Sink;
  readonly source: (source: Source) => Source;
  readonly writer: (writer: Writer) => Writer;
  /** A multiple of what the connector is told to buffer at most. */
  readonly bufferFactor: number;
}

export interface Outcome {
  readonly seed: number;
  readonly broken: Broken | null;
  readonly trace: readonly string[];
  readonly steps: number;
  readonly lives: number;
  readonly counts: Ledger["counts"];
}

const MOST_STORMY_STEPS = 220;
const MOST_STEPS = 6_000;
const MOST_CHANGES = 8;

export function atLeastOnce({
  life,
  writer,
  topics,
  encoder,
}: SinkParts): Sink {
  return new Publisher(
    {
      encoder,
      router: new Router({
        connectorName: "c",
        pattern: "{type}",
        reserved: ["dead"],
      }),
      topics,
      writer,
      clock: life,
      connectorName: "c",
      deadLetterTopic: "dead",
      entriesFor: () => [],
      retrying: () => undefined,
    },
    new RevisionMemory(1 << 8),
  );
}

const sound: Parts = {
  sink: atLeastOnce,
  watchedSink: (sink) => sink,
  source: (source) => source,
  writer: (writer) => writer,
  bufferFactor: 1,
};

/**
 * Plays one schedule: a stormy time with deaths of the process, then a calm one, in which
 * everything must come to its end. Two runs of one seed are the same, step for step.
 */
export async function simulate(
  seed: number,
  changed: Partial<Parts> = {},
  isTraced = false,
): Promise<Outcome> {
  const trial = new Trial(seed, { ...sound, ...changed }, isTraced);
  await trial.run();
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

class Trial {
  readonly schedule: Schedule;
  readonly ledger = new Ledger();
  lives = 0;
  readonly #parts: Parts;
  readonly #sell: MemorySell;
  readonly #kafka: MemoryKafka;
  readonly #parallelFetches: number;
  readonly #maxBufferedBytes: number;
  readonly #batchSize: number;
  #chances;
  #life: Life | null = null;
  #stopping = new AbortController();
  #givingUp = new AbortController();
  #hasDrained = false;
  #changes = 0;

  constructor(seed: number, parts: Parts, isTraced: boolean) {
    this.#parts = parts;
    this.schedule = new Schedule(seed, isTraced);
    const { random } = this.schedule;
    this.#chances = weather(random);
    this.#sell = new MemorySell(this.schedule, this.#chances);
    this.#kafka = new MemoryKafka(this.schedule, this.#chances, (record) => {
      this.ledger.stored(record);
    });
    const records = random.integer(1, 14);
    for (let count = 0; count < records; count++)
      this.#sell.add(random.pick(["deal", "note"]), oddityOf(random));
    this.#parallelFetches = random.integer(1, 4);
    this.#maxBufferedBytes = random.pick([1, 250, 1_000, 100_000]);
    this.#batchSize = random.integer(1, 6);
  }

  async run(): Promise<void> {
    const stormySteps = this.schedule.random.integer(20, MOST_STORMY_STEPS);
    while (this.schedule.steps < stormySteps && this.#isSound)
      await this.#stormyStep();
    this.#chances = calm;
    this.#sell.chances = calm;
    this.#kafka.chances = calm;
    this.#kafka.allowAll();
    this.schedule.tell(() => "the storm is over");
    while (this.#isSound && !this.#isSettled) {
      if (this.#life === null) await this.#begin();
      if (this.schedule.steps > MOST_STEPS || !(await this.schedule.step()))
        this.ledger.fail("it does not come to its end");
    }
    if (this.#isSound) this.#checkTheEnd();
    this.#die("the schedule ends");
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

  async #stormyStep(): Promise<void> {
    const { random } = this.schedule;
    if (this.#life === null) await this.#begin();
    else if (random.chance(this.#chances.death)) this.#die("it is killed");
    else if (random.chance(this.#chances.death)) {
      this.schedule.tell(() => "it is asked to stop");
      this.#stopping.abort(new Error("SIGTERM"));
      await quiet();
    } else if (this.#stopping.signal.aborted && random.chance(0.05)) {
      this.schedule.tell(() => "it gives up");
      this.#givingUp.abort(new Error("too late"));
      await quiet();
    }
    if (this.#changes < MOST_CHANGES && random.chance(this.#chances.change)) {
      this.#changes++;
      this.#sell.change();
    }
    await this.schedule.step();
  }

  #die(how: string): void {
    if (this.#life === null) return;
    this.schedule.tell(() => `life ${this.lives}: ${how}`);
    this.#life.end();
    this.#life = null;
  }

  async #begin(): Promise<void> {
    const { random } = this.schedule;
    const life = new Life(this.schedule, ++this.lives);
    this.schedule.tell(() => `life ${life.number} begins`);
    this.#life = life;
    this.#stopping = new AbortController();
    this.#givingUp = new AbortController();
    const sink = this.#parts.sink({
      life,
      random,
      writer: this.#parts.writer(this.#kafka.writer(life)),
      topics: this.#kafka.topics(life),
      encoder: this.#encoder(),
    });
    let watch: DrainWatch | null = null;
    let beganInCalm = false;
    const polling = poll(
      {
        drainOptions: () => {
          watch = new DrainWatch(
            this.ledger,
            this.#sell,
            this.#maxBufferedBytes,
          );
          beganInCalm = this.#chances === calm;
          return this.#drainOptions(life, sink, watch);
        },
        clock: life,
        pollIntervalMs: 30_000,
        drained: (result) => {
          const end = result instanceof DeniedFault ? "denied" : result.end;
          this.schedule.tell(() => `life ${life.number}: drain ${end}`);
          if (end === "complete") watch?.complete();
          if (beganInCalm) this.#hasDrained = true;
        },
      },
      { stopping: this.#stopping.signal, givingUp: this.#givingUp.signal },
    );
    const givingUp = this.#givingUp.signal;
    polling.then(
      () => {
        if (this.#life === life) this.#die("it has stopped");
      },
      (error: unknown) => {
        if (error !== givingUp.reason)
          this.ledger.fail(`the process ends with ${String(error)}`);
        if (this.#life === life) this.#die("it has given up");
      },
    );
    await quiet();
  }

  #drainOptions(life: Life, sink: Sink, watch: DrainWatch): DrainOptions {
    const source = this.#parts.source(
      watch.source(
        this.#sell.source(life, (record) => {
          watch.taken(record);
        }),
      ),
    );
    const observer = observers({
      dropped: () => {
        watch.dropped();
      },
    });
    return {
      source,
      sink: this.#parts.watchedSink(watch.sink(sink)),
      acknowledger: new Acknowledger({
        source,
        clock: life,
        observer,
        batchSize: this.#batchSize,
      }),
      clock: life,
      observer,
      parallelFetches: this.#parallelFetches,
      pollIntervalMs: 30_000,
      maxBufferedBytes: this.#maxBufferedBytes * this.#parts.bufferFactor,
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
          throw new TypeFault(`the schema of ${type} is refused`);
      },
      encode: (change) => {
        const oddity = this.#sell.records[Number(change.id) - 1]?.oddity;
        if (oddity === "not encodable")
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
    "not encodable",
    "too large",
    "far too large",
    "no legal topic",
  ]);
}
