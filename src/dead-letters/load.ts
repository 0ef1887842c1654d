import type { KafkaRecord } from "../kafka/write/producer.ts";
import { nameOf } from "./latest-states.ts";
import type { Reissue } from "./reissue.ts";

/** A letter with the records that stand for it. */
export interface Parcel {
  readonly reissue: Reissue;
  readonly records: readonly KafkaRecord[];
}

const MAX_BYTES = 900_000;
const MAX_LETTERS = 500;
const RECORD_OVERHEAD_BYTES = 500;

/** What one transaction will hold: of each record no more than one letter. */
export class Load {
  readonly parcels: Parcel[] = [];
  readonly #places = new Set<string>();
  #bytes = 0;

  holds(reissue: Reissue): boolean {
    return this.#places.has(nameOf(reissue));
  }

  hasRoomFor(parcel: Parcel): boolean {
    return (
      this.parcels.length === 0 ||
      (this.parcels.length < MAX_LETTERS &&
        this.#bytes + sizeOf(parcel) <= MAX_BYTES)
    );
  }

  add(parcel: Parcel): void {
    this.parcels.push(parcel);
    this.#places.add(nameOf(parcel.reissue));
    this.#bytes += sizeOf(parcel);
  }
}

/** The mark counts too. */
function sizeOf({ records }: Parcel): number {
  return records.reduce(
    (sum, { value }) => sum + (value?.length ?? 0) + RECORD_OVERHEAD_BYTES,
    RECORD_OVERHEAD_BYTES,
  );
}
