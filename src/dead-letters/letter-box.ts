import type { StoredRecord } from "../kafka/read/partition-reader.ts";
import { Chunks, type BrokenSet } from "./chunks.ts";
import { kindOf, letterOf, type Letter } from "./letter.ts";
import { replayIn } from "./mark.ts";

export interface LetterBoxListener {
  /** A whole letter, with Sell's item byte for byte. */
  arrived(letter: Letter, item: Buffer): void;
  /** The letter of that id was replayed. */
  replayed(id: string, time: string): void;
}

/** Sorts the records of a dead-letter topic, in the order of each partition. Keeps no contents. */
export class LetterBox {
  readonly #listener: LetterBoxListener;
  readonly #chunks = new Chunks();

  constructor(listener: LetterBoxListener) {
    this.#listener = listener;
  }

  get broken(): readonly BrokenSet[] {
    return this.#chunks.broken;
  }

  take(record: StoredRecord): void {
    switch (kindOf(record)) {
      case "letter": {
        const item = record.value ?? Buffer.alloc(0);
        const size = { bytes: item.length, chunks: 1 };
        this.#listener.arrived(letterOf(record, size), item);
        break;
      }
      case "chunk": {
        const whole = this.#chunks.add(record);
        if (whole !== null) this.#listener.arrived(whole.letter, whole.item);
        break;
      }
      case "mark": {
        const { id, time } = replayIn(record);
        this.#listener.replayed(id, time);
        break;
      }
      case "other":
        break;
    }
  }
}
