import { SimulatedFields } from "./custom-fields.ts";
import { Random } from "./random.ts";
import { resources } from "./resources/all.ts";
import type { RecordSeed, Resource } from "./resources/resource.ts";

/** A record's index among all records that ever were in the account. */
export type RecordIndex = number;

export interface RecordState {
  readonly type: string;
  readonly id: number;
  /** Starts at 1 and rises by one with each change, including the deletion. */
  readonly revision: number;
  readonly isDeleted: boolean;
}

const EPOCH_MS = Date.UTC(2024, 0, 1);
const STATE_FIELDS = 4;

/**
 * The records of a Sell account. It stores only revisions, so that millions of records fit into
 * memory: the content of a record is generated from the seed and the revision on each request.
 */
export class World {
  readonly customFields: SimulatedFields;
  readonly #seed: number;
  readonly #chance: Random;
  /** Four fields a record: index of its type, index in its type, revision, and 1 if it is deleted. */
  #states: Int32Array;
  /** Time of the latest change of each record; 0 for records that never changed. */
  #changedMs: Float64Array;
  #size = 0;
  /** The records of each type, in the order of their ids. */
  readonly #byType: RecordIndex[][] = [];
  readonly #initialCounts: number[];

  constructor({
    records,
    seed,
    customFields = new SimulatedFields(),
  }: {
    records: number;
    seed: number;
    customFields?: SimulatedFields;
  }) {
    this.#seed = seed;
    this.customFields = customFields;
    this.#chance = new Random(seed, 1);
    this.#states = new Int32Array(Math.max(1, records) * STATE_FIELDS);
    this.#changedMs = new Float64Array(Math.max(1, records));
    this.#initialCounts = distribute(records);
    this.#initialCounts.forEach((count, typeIndex) => {
      for (let n = 0; n < count; n++) this.#add(typeIndex, 0);
    });
  }

  /** Number of records, including deleted ones. */
  get size(): number {
    return this.#size;
  }

  counts() {
    const byType: Record<string, number> = {};
    let deleted = 0;
    for (let index = 0; index < this.size; index++) {
      const { type, isDeleted } = this.state(index);
      if (isDeleted) deleted++;
      else byType[type] = (byType[type] ?? 0) + 1;
    }
    return { live: this.size - deleted, deleted, byType };
  }

  state(index: RecordIndex): RecordState {
    const { resource, indexInType } = this.#locate(index);
    return {
      type: resource.type,
      id: resource.firstId + indexInType,
      revision: this.revision(index),
      isDeleted: this.isDeleted(index),
    };
  }

  revision(index: RecordIndex): number {
    return this.#states[index * STATE_FIELDS + 2] ?? 0;
  }

  isDeleted(index: RecordIndex): boolean {
    return this.#states[index * STATE_FIELDS + 3] === 1;
  }

  /** Returns the JSON text of the record's `data` as Sell sends it; a deleted record keeps only its id. */
  data(index: RecordIndex): string {
    const content = this.#content(index);
    if (!this.isDeleted(index)) return JSON.stringify(content);
    return JSON.stringify("id" in content ? { id: content["id"] } : {});
  }

  /** Creates, updates or deletes one random record. */
  change(nowMs: number): void {
    const dice = this.#chance.next();
    if (dice < 0.2 || this.#size === 0) {
      this.create(this.#chance.integer(0, resources.length - 1), nowMs);
      return;
    }
    // A deleted record stays deleted; after ten misses a new record is created instead.
    for (let attempt = 0; attempt < 10; attempt++) {
      const index = this.#chance.integer(0, this.#size - 1);
      if (this.isDeleted(index)) continue;
      if (dice < 0.9) this.update(index, nowMs);
      else this.delete(index, nowMs);
      return;
    }
    this.create(this.#chance.integer(0, resources.length - 1), nowMs);
  }

  create(typeIndex: number, nowMs: number): void {
    this.#add(typeIndex, nowMs);
  }

  update(index: RecordIndex, nowMs: number): void {
    this.#states[index * STATE_FIELDS + 2] = this.revision(index) + 1;
    this.#changedMs[index] = nowMs;
  }

  delete(index: RecordIndex, nowMs: number): void {
    this.update(index, nowMs);
    this.#states[index * STATE_FIELDS + 3] = 1;
  }

  /** Returns the index of the record with that type and id; null when there is none. */
  find(type: string, id: number): RecordIndex | null {
    const typeIndex = typeIndexOf(type);
    const indexInType = id - (resources[typeIndex]?.firstId ?? 0);
    return this.#byType[typeIndex]?.[indexInType] ?? null;
  }

  #add(typeIndex: number, nowMs: number): void {
    const index = this.#size++;
    const ofType = (this.#byType[typeIndex] ??= []);
    ofType.push(index);
    if (index >= this.#changedMs.length) this.#grow();
    const indexInType = ofType.length - 1;
    this.#states.set([typeIndex, indexInType, 1, 0], index * STATE_FIELDS);
    this.#changedMs[index] = nowMs;
  }

  #grow(): void {
    const states = new Int32Array(this.#states.length * 2);
    states.set(this.#states);
    this.#states = states;
    const changedMs = new Float64Array(this.#changedMs.length * 2);
    changedMs.set(this.#changedMs);
    this.#changedMs = changedMs;
  }

  #locate(index: RecordIndex): {
    resource: Resource;
    typeIndex: number;
    indexInType: number;
  } {
    const typeIndex = this.#states[index * STATE_FIELDS] ?? -1;
    const resource = resources[typeIndex];
    if (resource === undefined || index >= this.#size)
      throw new RangeError(`there is no record ${index}`);
    const indexInType = this.#states[index * STATE_FIELDS + 1] ?? 0;
    return { resource, typeIndex, indexInType };
  }

  #content(index: RecordIndex): Readonly<Record<string, unknown>> {
    const { resource, typeIndex, indexInType } = this.#locate(index);
    const changedMs = this.#changedMs[index] ?? 0;
    const revision = this.revision(index);
    return resource.data(
      this.#createSeed(typeIndex, indexInType, revision, changedMs),
    );
  }

  #createSeed(
    typeIndex: number,
    indexInType: number,
    revision: number,
    changedMs: number,
  ): RecordSeed {
    const fixed = new Random(this.#seed, 2, typeIndex, indexInType);
    const createdMs = EPOCH_MS + fixed.integer(0, 50_000_000) * 1_000;
    const ageMs = fixed.integer(0, 20_000_000) * 1_000;
    const isNew = revision === 1 && changedMs !== 0;
    const { type: ownType = "" } = resources[typeIndex] ?? {};
    const varying = new Random(this.#seed, 3, typeIndex, indexInType, revision);
    return {
      id: (resources[typeIndex]?.firstId ?? 1) + indexInType,
      indexInType,
      fixed,
      varying,
      customFields: (values) =>
        this.customFields.values(ownType, values, varying),
      createdAt: timestamp(isNew ? changedMs : createdMs),
      updatedAt: timestamp(changedMs === 0 ? createdMs + ageMs : changedMs),
      link: (type) => {
        const target = typeIndexOf(type);
        const count = this.#initialCounts[target] ?? 0;
        if (count === 0) return null;
        return (resources[target]?.firstId ?? 1) + fixed.integer(0, count - 1);
      },
      embedded: (type, embeddedIndex) => {
        const target = typeIndexOf(type);
        if (embeddedIndex >= (this.#initialCounts[target] ?? 0)) return null;
        const seed = this.#createSeed(target, embeddedIndex, 1, 0);
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

/** Distributes records among the types: one each while there are enough, the rest by their shares. */
function distribute(records: number): number[] {
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
