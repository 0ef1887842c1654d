import { DeadLetterReader } from "../dead-letters/dead-letter-reader.ts";
import type { Item } from "../domain/change.ts";
import type { StoredRecord } from "../kafka/read/partition-reader.ts";
import type { Router } from "../publish/topics/router.ts";
import { decodeKeptItem } from "../sell/item.ts";
import { addressOf } from "./addresses.ts";
import { fingerprintOf } from "./content.ts";

/** The items in those dead-letter records of a connector that were neither replayed nor dismissed. */
export class WaitingDeadLetters {
  readonly #router: Router;
  readonly #reader: DeadLetterReader;
  /** The ids of dead-letter records by the content of their items. */
  readonly #ids = new Map<string, Set<string>>();
  /** The content of each dead-letter record by its id. */
  readonly #contents = new Map<string, string>();

  constructor(connectorName: string, router: Router) {
    this.#router = router;
    this.#reader = new DeadLetterReader({
      arrived: ({ id, connector, session, timeMs }, item) => {
        if (connector !== connectorName) return;
        const origin = { session: session ?? "", takenAtMs: timeMs };
        const content = this.#contentOf(decodeKeptItem(item, origin));
        this.#contents.set(id, content);
        const ids = this.#ids.get(content);
        if (ids === undefined) this.#ids.set(content, new Set([id]));
        else ids.add(id);
      },
      replayed: (id) => {
        this.#settle(id);
      },
      dismissed: (id) => {
        this.#settle(id);
      },
    });
  }

  /** Takes records of the dead-letter topic, in the order of each partition. */
  take(records: readonly StoredRecord[]): void {
    for (const record of records) this.#reader.read(record);
  }

  /** Whether a dead-letter record holds an item that says the same. */
  contain(item: Item): boolean {
    if (this.#contents.size === 0) return false;
    return (this.#ids.get(this.#contentOf(item))?.size ?? 0) > 0;
  }

  #settle(id: string): void {
    const content = this.#contents.get(id) ?? "";
    this.#contents.delete(id);
    this.#ids.get(content)?.delete(id);
  }

  #contentOf(item: Item): string {
    const { topic, key } = addressOf(item, this.#router);
    return `${topic}\n${key}\n${fingerprintOf(item)}`;
  }
}
