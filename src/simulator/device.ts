import type { RecordIndex, World } from "./world.ts";

/** One instruction of a page. */
export interface Instruction {
  readonly type: string;
  readonly id: number;
  readonly eventType: "created" | "updated" | "deleted";
  readonly ackKey: string;
  readonly revision: number;
  /** JSON text of the record. */
  readonly data: string;
}

/** Sell's memory of one device: which revision of each record the device has acknowledged. */
export class Device {
  readonly #world: World;
  /** For each record, the revision acknowledged last and the revision handed out last; 0 for none. */
  #acknowledged = new Int32Array(0);
  #handedOut = new Int32Array(0);
  sessions = 0;
  acknowledgedKeys = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Returns the records whose newest revision this device has not acknowledged. */
  pending(): RecordIndex[] {
    this.#growToWorld();
    const pending: RecordIndex[] = [];
    for (let index = 0; index < this.#world.size; index++)
      if (this.#isPending(index)) pending.push(index);
    return pending;
  }

  /** Returns the instruction for a record's newest revision; null when the device needs none. */
  instruction(index: RecordIndex): Instruction | null {
    this.#growToWorld();
    if (!this.#isPending(index)) return null;
    const { type, id, revision, isDeleted } = this.#world.state(index);
    const isKnown = (this.#acknowledged[index] ?? 0) > 0;
    this.#handedOut[index] = revision;
    return {
      type,
      id,
      eventType: isDeleted ? "deleted" : isKnown ? "updated" : "created",
      ackKey: `${pascalCase(type)}-${id}-${revision}`,
      revision,
      data: this.#world.data(index),
    };
  }

  /** Returns false when that revision was never handed out to this device. */
  acknowledge(index: RecordIndex, revision: number): boolean {
    this.#growToWorld();
    if (revision < 1 || revision > (this.#handedOut[index] ?? 0)) return false;
    if (revision > (this.#acknowledged[index] ?? 0)) {
      this.#acknowledged[index] = revision;
      this.acknowledgedKeys++;
    }
    return true;
  }

  /** Sell never mentions a record that was deleted before the device acknowledged any revision of it. */
  isNeverTold(index: RecordIndex): boolean {
    this.#growToWorld();
    return this.#acknowledged[index] === 0 && this.#world.isDeleted(index);
  }

  #isPending(index: RecordIndex): boolean {
    if (this.isNeverTold(index)) return false;
    return (this.#acknowledged[index] ?? 0) < this.#world.revision(index);
  }

  #growToWorld(): void {
    if (this.#acknowledged.length >= this.#world.size) return;
    this.#acknowledged = toLonger(this.#acknowledged, this.#world.size * 2);
    this.#handedOut = toLonger(this.#handedOut, this.#world.size * 2);
  }
}

function toLonger(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}

function pascalCase(type: string): string {
  return type.replace(/(?:^|_)([a-z])/g, (_, letter: string) =>
    letter.toUpperCase(),
  );
}
