import { Journal } from "../../src/publish/exactly-once/journal.ts";
import { errorTypeOf } from "../../src/kafka/client/errors.ts";
import type { MemoryKafka } from "./memory-kafka.ts";
import type { MemoryTransaction } from "./memory-partition.ts";
import type { MemorySell } from "./memory-sell.ts";
import type { Schedule } from "./schedule.ts";

const ID = "sell-kafka.neighbour";

/**
 * Another connector, whose name chooses the same partition of the journal and whose account has
 * the same keys and contents. It takes its time with its transactions, and some of them are aborted.
 */
export class Neighbour {
  readonly #journal = new Journal("neighbour");
  readonly #kafka: MemoryKafka;
  readonly #sell: MemorySell;
  readonly #schedule: Schedule;
  #epoch: number | null = null;
  #isOpen = false;

  constructor(kafka: MemoryKafka, sell: MemorySell, schedule: Schedule) {
    this.#kafka = kafka;
    this.#sell = sell;
    this.#schedule = schedule;
  }

  /** Writes an entry, or ends what it has open. */
  act(): void {
    const { random } = this.#schedule;
    if (this.#isOpen && random.chance(0.5)) this.end();
    else this.#write();
  }

  end(): void {
    if (!this.#isOpen || this.#epoch === null) return;
    this.#isOpen = false;
    const how = this.#schedule.random.chance(0.7) ? "committed" : "aborted";
    this.#schedule.tell(() => `the neighbour's transaction is ${how}`);
    try {
      this.#kafka.end(ID, this.#epoch, how);
    } catch {
      // It took too long.
      this.#epoch = null;
    }
  }

  /** Null while its last transaction is not yet marked, and when it was fenced. */
  #begin(): MemoryTransaction | null {
    try {
      this.#epoch ??= this.#kafka.takeOver(ID);
      return this.#kafka.begin(ID, this.#epoch);
    } catch (error) {
      if (errorTypeOf(error) !== "CONCURRENT_TRANSACTIONS") this.#epoch = null;
      return null;
    }
  }

  #write(): void {
    const transaction = this.#begin();
    const item = this.#sell.anyInstruction();
    if (transaction === null || item === null) return;
    this.#schedule.tell(
      () => `the neighbour settles ${item.ackKey ?? "what has no key"}`,
    );
    this.#isOpen = true;
    const [fresh] = this.#journal.beginBatch([item]).fresh;
    const records =
      fresh === undefined ? [] : this.#journal.entriesFor(fresh, "published");
    this.#kafka.append(
      records.map((record) => ({
        record: { ...record, life: 0 },
        partition: 0,
      })),
      transaction,
    );
  }
}
