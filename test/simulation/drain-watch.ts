import type { Item } from "../../src/domain/change.ts";
import type { Publisher, Session, Source } from "../../src/domain/ports.ts";
import type { Ledger } from "./ledger.ts";
import { isPending, type MemorySell, type SellRecord } from "./memory-sell.ts";

/** Watches one drain: what Sell owes it, what it was given, and what became of that. */
export class DrainWatch {
  readonly #ledger: Ledger;
  readonly #sell: MemorySell;
  readonly #maxBufferedBytes: number;
  /** What sessions of this drain took from Sell's queue, and Sell was not told to be settled. */
  readonly #owed = new Map<SellRecord, number>();
  readonly #given = new Map<Item, number>();
  #publishing: readonly Item[] = [];
  readonly #confirmed = new Map<string, number>();
  #latest: string | null = null;
  #hasEnded = false;
  #withoutKey = 0;
  #withoutKeyBefore = 0;
  #bytes = 0;
  #largestPage = 0;
  /** By how much pages were larger than any that was known when they were asked for. */
  #surprise = 0;

  constructor(ledger: Ledger, sell: MemorySell, maxBufferedBytes: number) {
    this.#ledger = ledger;
    this.#sell = sell;
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  taken(session: string, record: SellRecord, revision: number): void {
    // A late request to a session that was given up: a later one brings it, or it came after that.
    if (session !== this.#latest) return;
    const owed = this.#owed.get(record) ?? 0;
    this.#owed.set(record, Math.max(owed, revision));
  }

  /** A record that is deleted and was never known is owed no longer, though a rival may make it known yet. */
  skipped(session: string, record: SellRecord): void {
    if (session === this.#latest) this.#owed.delete(record);
  }

  /** A session starts: what is not in it is acknowledged, or was deleted before Sell knew it to be known. */
  started(session: string | null, pending: readonly SellRecord[]): void {
    this.#latest = session;
    for (const record of [...this.#owed.keys()])
      if (!pending.includes(record)) this.#owed.delete(record);
  }

  source(inner: Source): Source {
    return {
      open: async (signal) => {
        this.#hasEnded = false;
        this.#largestPage = 0;
        this.#withoutKeyBefore = this.#withoutKey;
        const session = await inner.open(signal);
        if (session === null) this.#hasEnded = true;
        return session && this.#session(session);
      },
      acknowledge: async (keys, signal) => {
        for (const key of keys) this.#mayAcknowledge(key);
        await inner.acknowledge(keys, signal);
        for (const key of keys) this.#accepted(key);
      },
    };
  }

  publisher(inner: Publisher): Publisher {
    return {
      recover: (signal) => inner.recover(signal),
      ready: (signal) => inner.ready(signal),
      publish: async (items, signal) => {
        for (const item of items)
          if (!this.#given.has(item))
            this.#ledger.fail("an item was published twice, or never given");
        this.#publishing = items;
        const settled = await inner.publish(items, signal);
        this.#judge(items, settled);
        return settled;
      },
    };
  }

  /** The process lost its right to write, and gave up all that it held. */
  fenced(): void {
    this.#ledger.counts.fenced++;
    this.#publishing = [];
    this.#withoutKey = this.#withoutKeyBefore;
    this.dropped();
  }

  /** The buffer gave up what waited in it. */
  dropped(): void {
    for (const item of [...this.#given.keys()])
      if (!this.#publishing.includes(item)) this.#release(item);
  }

  /** Checks that a drain which calls itself complete is. */
  complete(): void {
    if (!this.#hasEnded)
      this.#ledger.fail("a drain was complete without Sell's 204");
    if (this.#withoutKey > 0)
      this.#ledger.fail("a drain was complete with items that have no key");
    if (this.#given.size > 0)
      this.#ledger.fail("a drain was complete with items that have no fate");
    for (const [record, revision] of this.#owed)
      if (isPending(record) && record.acknowledged < revision)
        this.#ledger.fail(
          `a drain was complete, and revision ${revision} of ${record.type} ${record.id} is not acknowledged`,
        );
  }

  #session(inner: Session): Session {
    const { id, pages, totalCount } = inner;
    let isDrained = false;
    const fetch: Session["fetch"] = async (signal) => {
      if (isDrained) this.#ledger.fail("a drained session was asked again");
      const known = this.#largestPage;
      const page = await inner.fetch(signal);
      if (page === null) {
        isDrained = true;
        this.#hasEnded = true;
        return null;
      }
      for (const item of page.items) {
        this.#given.set(item, page.bytes / page.items.length);
        if (item.ackKey === null) this.#withoutKey++;
      }
      if (page.items.length === 0) return page;
      if (known > 0) this.#surprise += Math.max(0, page.bytes - known);
      this.#largestPage = Math.max(this.#largestPage, page.bytes);
      this.#bytes += page.bytes;
      const bound = Math.max(this.#maxBufferedBytes, this.#largestPage);
      if (this.#bytes > bound + this.#surprise + 0.001)
        this.#ledger.fail(
          `${this.#bytes} bytes were buffered, and ${bound} are allowed`,
        );
      return page;
    };
    return { id, pages, totalCount, fetch };
  }

  #mayAcknowledge(key: string): void {
    const known = this.#sell.byKey.get(key);
    if (known === undefined) {
      this.#ledger.fail(`${key} was acknowledged, and never handed out`);
      return;
    }
    const { record, revision } = known;
    if (this.#ledger.durable.has(key)) return;
    if (this.#ledger.hasNewer({ ...record, revision })) return;
    this.#ledger.fail(`${key} was acknowledged before it was durable`);
  }

  #accepted(key: string): void {
    const known = this.#sell.byKey.get(key);
    if (known === undefined) return;
    const owed = this.#owed.get(known.record) ?? Infinity;
    if (known.revision >= owed) this.#owed.delete(known.record);
  }

  #judge(
    items: readonly Item[],
    { outcomes }: Awaited<ReturnType<Publisher["publish"]>>,
  ): void {
    const { counts, durable, superseded } = this.#ledger;
    const left = new Set(items);
    for (const { item, fate } of outcomes) {
      if (!left.delete(item)) this.#ledger.fail("an item has two fates");
      this.#release(item);
      const name = nameOf(item);
      const place = `${item.session} ${String(item.type)} ${String(item.id)}`;
      switch (fate.kind) {
        case "published":
          counts.published++;
          if (!durable.has(name))
            this.#ledger.fail(`${name} is called published, and is not`);
          this.#confirmed.set(
            place,
            Math.max(this.#confirmed.get(place) ?? 0, Number(item.revision)),
          );
          break;
        case "dead-lettered":
          counts.deadLettered++;
          if (item.ackKey !== null && !durable.has(item.ackKey))
            this.#ledger.fail(`${name} is called a dead letter, and is not`);
          if (this.#sell.byKey.get(name)?.record.oddity === null)
            this.#ledger.fail(
              `${name} is a dead letter, and nothing is odd about it`,
            );
          break;
        case "superseded":
          counts.superseded++;
          superseded.add(name);
          break;
        case "duplicate":
          counts.duplicate++;
          if (!durable.has(name) && !superseded.has(name))
            this.#ledger.fail(`${name} is called a duplicate of nothing`);
          break;
        case "deferred":
          counts.deferred++;
          if (fate.why.code === "records-refused") counts.held++;
          break;
      }
    }
    for (const { item, fate } of outcomes) {
      const place = `${item.session} ${String(item.type)} ${String(item.id)}`;
      if (
        fate.kind === "superseded" &&
        (this.#confirmed.get(place) ?? 0) <= Number(item.revision)
      )
        this.#ledger.fail("an item is superseded by nothing in its session");
    }
    if (left.size > 0) this.#ledger.fail("an item has no fate");
  }

  #release(item: Item): void {
    this.#bytes -= this.#given.get(item) ?? 0;
    this.#given.delete(item);
  }
}

/** As the ledger names an item, also one without an ack key. */
function nameOf({ ackKey, type, id, revision }: Item): string {
  return ackKey ?? `${type ?? "-"}-${id ?? "-"}-${String(revision)}`;
}
