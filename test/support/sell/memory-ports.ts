import type { AckKey, Item } from "../../../src/domain/change.ts";
import type {
  Page,
  Session,
  Publisher,
  Source,
} from "../../../src/domain/ports.ts";
import { Settled, type Fate } from "../../../src/domain/settled.ts";
import { abortable } from "../../../src/lib/abortable.ts";

/** The answer to one fetch: a page, the end of the queue, or a fault. */
export type Answer = Page | null | Error;

/** A source that plays sessions from a script; after the last answer of a session, it is drained. */
export class ScriptedSource implements Source {
  readonly #sessions: (Answer[] | Error)[];
  /** Faults for the next acknowledgements, in order. */
  readonly ackFaults: Error[] = [];
  /** Every pack that was accepted. */
  readonly packs: (readonly AckKey[])[] = [];
  opened = 0;
  fetches = 0;

  constructor(...sessions: (Answer[] | Error)[]) {
    this.#sessions = [...sessions];
  }

  get acknowledged(): AckKey[] {
    return this.packs.flat();
  }

  open(signal: AbortSignal): Promise<Session | null> {
    signal.throwIfAborted();
    const answers = this.#sessions.shift();
    if (answers instanceof Error) return Promise.reject(answers);
    if (answers === undefined) return Promise.resolve(null);
    this.opened++;
    return Promise.resolve({
      id: `session-${this.opened}`,
      pages: null,
      totalCount: null,
      fetch: () => {
        this.fetches++;
        const answer = answers.shift() ?? null;
        return answer instanceof Error
          ? Promise.reject(answer)
          : Promise.resolve(answer);
      },
    });
  }

  acknowledge(keys: readonly AckKey[]): Promise<void> {
    const fault = this.ackFaults.shift();
    if (fault !== undefined) return Promise.reject(fault);
    this.packs.push([...keys]);
    return Promise.resolve();
  }
}

/** A publisher that settles at once, unless it is held, with the fates that a test chooses. */
export class MemoryPublisher implements Publisher {
  readonly batches: (readonly Item[])[] = [];
  fateOf: (item: Item) => Fate = () => ({ kind: "published" });
  #gate: PromiseWithResolvers<undefined> | null = null;

  /** Nothing becomes durable until `letGo`. */
  hold(): void {
    this.#gate = Promise.withResolvers();
  }

  letGo(): void {
    this.#gate?.resolve(undefined);
    this.#gate = null;
  }

  get published(): (AckKey | null)[] {
    return this.batches.flat().map(({ ackKey }) => ackKey);
  }

  publish(items: readonly Item[], signal: AbortSignal): Promise<Settled> {
    return Settled.once(this.#write(items, signal));
  }

  recover(): Promise<null> {
    return Promise.resolve(null);
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  async #write(items: readonly Item[], signal: AbortSignal) {
    await abortable(Promise.resolve(this.#gate?.promise), signal);
    this.batches.push(items);
    return items.map((item) => ({ item, fate: this.fateOf(item) }));
  }
}
