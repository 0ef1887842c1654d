import { activity } from "./activity.ts";
import { people } from "./people.ts";
import { Random } from "./random.ts";
import type { RecordSeed, Resource } from "./resource.ts";
import { selling } from "./selling.ts";

const resources: readonly Resource[] = [...people, ...selling, ...activity];

/** A record's place among all records of the account, from 0. */
export type Place = number;

export interface RecordState {
  readonly type: string;
  readonly id: number;
  /** Rises by one with each change, the deletion too; 1 at first. */
  readonly revision: number;
  readonly isDeleted: boolean;
}

const EPOCH_MS = Date.UTC(2024, 0, 1);
const STATE_FIELDS = 4;

/**
 * The records of a Sell account. Only revisions are stored: what a record says is made anew,
 * from the seed and its revision, whenever it is asked for, so that millions fit into memory.
 */
export class World {
  readonly #seed: number;
  readonly #chance: Random;
  /** For each record: its type, its place among its type, its revision, whether it is deleted. */
  #states: Int32Array;
  /** When its present state was made, for records that have changed; 0 for the others. */
  #changedMs: Float64Array;
  #size = 0;
  /** By type: the records in the order of their ids. */
  readonly #places: Place[][] = [];
  readonly #initialCounts: number[];

  constructor({ records, seed }: { records: number; seed: number }) {
    this.#seed = seed;
    this.#chance = new Random(seed, 1);
    this.#states = new Int32Array(Math.max(1, records) * STATE_FIELDS);
    this.#changedMs = new Float64Array(Math.max(1, records));
    this.#initialCounts = countsOf(records);
    this.#initialCounts.forEach((count, typeIndex) => {
      for (let n = 0; n < count; n++) this.#add(typeIndex, 0);
    });
  }

  /** Records that ever were, deleted ones included. */
  get size(): number {
    return this.#size;
  }

  state(place: Place): RecordState {
    const { resource, placeOfType } = this.#of(place);
    return {
      type: resource.type,
      id: resource.firstId + placeOfType,
      revision: this.revision(place),
      isDeleted: this.isDeleted(place),
    };
  }

  revision(place: Place): number {
    return this.#states[place * STATE_FIELDS + 2] ?? 0;
  }

  isDeleted(place: Place): boolean {
    return this.#states[place * STATE_FIELDS + 3] === 1;
  }

  /** JSON text of the record's `data`, as Sell sends it: of a deleted one only the id, if it has one. */
  data(place: Place): string {
    const content = this.#content(place);
    if (!this.isDeleted(place)) return JSON.stringify(content);
    return JSON.stringify("id" in content ? { id: content["id"] } : {});
  }

  /** One creation, update or deletion somewhere in the account. */
  change(nowMs: number): void {
    const dice = this.#chance.next();
    if (dice < 0.2 || this.#size === 0) {
      this.create(this.#chance.integer(0, resources.length - 1), nowMs);
      return;
    }
    // A deleted record stays deleted; after a few misses one more is created in its place.
    for (let attempt = 0; attempt < 10; attempt++) {
      const place = this.#chance.integer(0, this.#size - 1);
      if (this.isDeleted(place)) continue;
      if (dice < 0.9) this.update(place, nowMs);
      else this.delete(place, nowMs);
      return;
    }
    this.create(this.#chance.integer(0, resources.length - 1), nowMs);
  }

  create(typeIndex: number, nowMs: number): void {
    this.#add(typeIndex, nowMs);
  }

  update(place: Place, nowMs: number): void {
    this.#states[place * STATE_FIELDS + 2] = this.revision(place) + 1;
    this.#changedMs[place] = nowMs;
  }

  delete(place: Place, nowMs: number): void {
    this.update(place, nowMs);
    this.#states[place * STATE_FIELDS + 3] = 1;
  }

  /** Where the record of that type and id is kept; null when there is none. */
  placeOf(type: string, id: number): Place | null {
    const typeIndex = typeIndexOf(type);
    const placeOfType = id - (resources[typeIndex]?.firstId ?? 0);
    return this.#places[typeIndex]?.[placeOfType] ?? null;
  }

  #add(typeIndex: number, nowMs: number): void {
    const place = this.#size++;
    const places = (this.#places[typeIndex] ??= []);
    places.push(place);
    if (place >= this.#changedMs.length) this.#grow();
    const placeOfType = places.length - 1;
    this.#states.set([typeIndex, placeOfType, 1, 0], place * STATE_FIELDS);
    this.#changedMs[place] = nowMs;
  }

  #grow(): void {
    const states = new Int32Array(this.#states.length * 2);
    states.set(this.#states);
    this.#states = states;
    const changedMs = new Float64Array(this.#changedMs.length * 2);
    changedMs.set(this.#changedMs);
    this.#changedMs = changedMs;
  }

  #of(place: Place): {
    resource: Resource;
    typeIndex: number;
    placeOfType: number;
  } {
    const typeIndex = this.#states[place * STATE_FIELDS] ?? -1;
    const resource = resources[typeIndex];
    if (resource === undefined || place >= this.#size)
      throw new RangeError(`there is no record ${place}`);
    const placeOfType = this.#states[place * STATE_FIELDS + 1] ?? 0;
    return { resource, typeIndex, placeOfType };
  }

  #content(place: Place): Readonly<Record<string, unknown>> {
    const { resource, typeIndex, placeOfType } = this.#of(place);
    const changedMs = this.#changedMs[place] ?? 0;
    const revision = this.revision(place);
    return resource.data(
      this.#seedOf(typeIndex, placeOfType, revision, changedMs),
    );
  }

  #seedOf(
    typeIndex: number,
    placeOfType: number,
    revision: number,
    changedMs: number,
  ): RecordSeed {
    const fixed = new Random(this.#seed, 2, typeIndex, placeOfType);
    const createdMs = EPOCH_MS + fixed.integer(0, 50_000_000) * 1_000;
    const ageMs = fixed.integer(0, 20_000_000) * 1_000;
    const isNew = revision === 1 && changedMs !== 0;
    return {
      id: (resources[typeIndex]?.firstId ?? 1) + placeOfType,
      place: placeOfType,
      fixed,
      varying: new Random(this.#seed, 3, typeIndex, placeOfType, revision),
      createdAt: timestamp(isNew ? changedMs : createdMs),
      updatedAt: timestamp(changedMs === 0 ? createdMs + ageMs : changedMs),
      link: (type) => {
        const target = typeIndexOf(type);
        const count = this.#initialCounts[target] ?? 0;
        if (count === 0) return null;
        return (resources[target]?.firstId ?? 1) + fixed.integer(0, count - 1);
      },
      embedded: (type, place) => {
        const target = typeIndexOf(type);
        if (place >= (this.#initialCounts[target] ?? 0)) return null;
        const seed = this.#seedOf(target, place, 1, 0);
        return resources[target]?.data(seed) ?? null;
      },
    };
  }
}

function typeIndexOf(type: string): number {
  return resources.findIndex((resource) => resource.type === type);
}

/** Sell's timestamps have whole seconds. */
function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

/** How many records each type gets: at least one while there are enough, then by their shares. */
function countsOf(records: number): number[] {
  const counts = resources.map((_, index): number => (index < records ? 1 : 0));
  let left = Math.max(0, records - resources.length);
  const total = resources.reduce((sum, { share }) => sum + share, 0);
  const spare = left;
  resources.forEach(({ share, most = Infinity }, index) => {
    const more = Math.min(Math.floor((spare * share) / total), most - 1, left);
    counts[index] = (counts[index] ?? 0) + more;
    left -= more;
  });
  const contacts = typeIndexOf("contact");
  counts[contacts] = (counts[contacts] ?? 0) + left;
  return counts;
}
