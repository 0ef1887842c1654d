import { DeadLetterReader } from "../dead-letters/dead-letter-reader.ts";
import type { StoredRecord } from "../kafka/read/partition-reader.ts";
import type { Router } from "../publish/router.ts";
import type { Item } from "../domain/change.ts";
import { decodeKeptItem } from "../sell/item.ts";
import { placeOfItem } from "./addresses.ts";
import { fingerprintOf } from "./content.ts";

/** The connector's dead letters that were not replayed: which items they hold. */
export class WaitingLetters {
  readonly #router: Router;
  readonly #reader: DeadLetterReader;
  /** By what it holds: the ids of letters. */
  readonly #letters = new Map<string, Set<string>>();
  readonly #contents = new Map<string, string>();

  constructor(connectorName: string, router: Router) {
    this.#router = router;
    this.#reader = new DeadLetterReader({
      arrived: ({ id, connector, session, timeMs }, item) => {
        if (connector !== connectorName) return;
        const origin = { session: session ?? "", takenAtMs: timeMs };
        const content = this.#contentOf(decodeKeptItem(item, origin));
        this.#contents.set(id, content);
        const letters = this.#letters.get(content);
        if (letters === undefined) this.#letters.set(content, new Set([id]));
        else letters.add(id);
      },
      replayed: (id) => {
        const content = this.#contents.get(id) ?? "";
        this.#contents.delete(id);
        this.#letters.get(content)?.delete(id);
      },
    });
  }

  take(records: readonly StoredRecord[]): void {
    for (const record of records) this.#reader.read(record);
  }

  /** Whether some letter holds just what an item says. */
  hold(item: Item): boolean {
    if (this.#contents.size === 0) return false;
    return (this.#letters.get(this.#contentOf(item))?.size ?? 0) > 0;
  }

  #contentOf(item: Item): string {
    const { topic, key } = placeOfItem(item, this.#router);
    return `${topic}\n${key}\n${fingerprintOf(item)}`;
  }
}
