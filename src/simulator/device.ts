import type { Place, World } from "./world.ts";

/** One instruction, as it stands in a page. */
export interface Instruction {
  readonly type: string;
  readonly id: number;
  readonly eventType: "created" | "updated" | "deleted";
  readonly ackKey: string;
  readonly revision: number;
  /** JSON text of the record. */
  readonly data: string;
}

/** What Sell remembers of one device: which revision of each record it has acknowledged. */
export class Device {
  readonly #world: World;
  /** By record: the revision that was acknowledged last, and the one handed out last; 0 for none. */
  #acknowledged = new Int32Array(0);
  #handedOut = new Int32Array(0);
  sessions = 0;
  acknowledgedKeys = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Everything that this device has not acknowledged in its newest state. */
  pending(): Place[] {
    this.#fit();
    const places: Place[] = [];
    for (let place = 0; place < this.#world.size; place++)
      if (this.#isPending(place)) places.push(place);
    return places;
  }

  /** The instruction for a record's state now; null when there is nothing to tell any more. */
  instruction(place: Place): Instruction | null {
    this.#fit();
    if (!this.#isPending(place)) return null;
    const { type, id, revision, isDeleted } = this.#world.state(place);
    const isKnown = (this.#acknowledged[place] ?? 0) > 0;
    this.#handedOut[place] = revision;
    return {
      type,
      id,
      eventType: isDeleted ? "deleted" : isKnown ? "updated" : "created",
      ackKey: `${pascalCase(type)}-${id}-${revision}`,
      revision,
      data: this.#world.data(place),
    };
  }

  /** False when that revision of the record was never handed out to this device. */
  acknowledge(place: Place, revision: number): boolean {
    this.#fit();
    if (revision < 1 || revision > (this.#handedOut[place] ?? 0)) return false;
    if (revision > (this.#acknowledged[place] ?? 0)) {
      this.#acknowledged[place] = revision;
      this.acknowledgedKeys++;
    }
    return true;
  }

  /** A record that was deleted before the device acknowledged any state of it does not appear. */
  isNeverTold(place: Place): boolean {
    this.#fit();
    return this.#acknowledged[place] === 0 && this.#world.isDeleted(place);
  }

  #isPending(place: Place): boolean {
    if (this.isNeverTold(place)) return false;
    return (this.#acknowledged[place] ?? 0) < this.#world.revision(place);
  }

  #fit(): void {
    if (this.#acknowledged.length >= this.#world.size) return;
    this.#acknowledged = grown(this.#acknowledged, this.#world.size * 2);
    this.#handedOut = grown(this.#handedOut, this.#world.size * 2);
  }
}

function grown(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}

function pascalCase(type: string): string {
  return type.replace(/(?:^|_)([a-z])/g, (_, letter: string) =>
    letter.toUpperCase(),
  );
}
