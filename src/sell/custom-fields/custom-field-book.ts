import { isDeepStrictEqual } from "node:util";
import type {
  CustomField,
  CustomFieldList,
  CustomFields,
} from "../../domain/custom-fields.ts";
import { DeniedFault } from "../../domain/faults.ts";
import { abortable, WAIT_OVER } from "../../lib/abortable.ts";
import type { Clock } from "../../lib/clock.ts";
import { reasonOf } from "../../lib/text/reason-of.ts";
import type { DefinitionClient } from "./definition-client.ts";

export interface CustomFieldBookOptions {
  readonly client: Pick<DefinitionClient, "fields">;
  readonly clock: Clock;
  /** Told after each answer why definitions are unknown; null when all are known. */
  readonly told: (unknownBecause: string | null) => void;
}

/** The resources whose custom fields the records of a type have. */
const resourcesOf: Readonly<Record<string, readonly string[]>> = {
  contact: ["contact", "prospect_and_customer"],
  lead: ["lead"],
  deal: ["deal"],
};

/** How old definitions may become. */
const FRESH_MS = 3_600_000;
/** Definitions that could not be had are asked for again after this time. */
const RETRY_MS = 60_000;
/** Publishing waits this long for an answer; a later answer counts for later records. */
const LONGEST_WAIT_MS = 5_000;
/** Unknown names make Sell be asked at most this often within `UNKNOWN_WINDOW_MS`. */
const MOST_UNKNOWN_ASKS = 3;
const UNKNOWN_WINDOW_MS = 180_000;
const MOST_MISSED = 10_000;

/** The definitions of custom fields, asked for when a connector needs them. */
export class CustomFieldBook implements CustomFields {
  readonly #options: CustomFieldBookOptions;
  readonly #byResource = new Map<string, readonly CustomField[]>();
  readonly #lists = new Map<string, CustomFieldList>();
  /** Names that Sell defined nothing for when it was asked. */
  readonly #missed = new Set<string>();
  /** Whether records were never waiting for definitions so far. */
  #isFirst = true;
  #nextAskMs = -Infinity;
  #askedMs = -Infinity;
  #unknownAsksMs: number[] = [];
  #unknownBecause: string | null = null;
  #asking: Promise<void> | null = null;
  #waitedFor: Promise<void> | null = null;

  constructor(options: CustomFieldBookOptions) {
    this.#options = options;
  }

  /** Why some definitions are unknown; null when all are known. */
  get unknownBecause(): string | null {
    return this.#unknownBecause;
  }

  covers(type: string): boolean {
    return Object.hasOwn(resourcesOf, type);
  }

  of(type: string): CustomFieldList | null {
    return this.#lists.get(type) ?? null;
  }

  async learn(
    type: string,
    names: Iterable<string>,
    signal: AbortSignal,
  ): Promise<void> {
    if (!this.covers(type)) return;
    const unknown = this.#unknownIn(type, names);
    const isWorth = this.#isWorthAsking(type, unknown);
    if (isWorth || this.#isDue()) {
      const asking = this.ask(signal);
      // What is known already does until there is an answer, and one wait for it is enough.
      const isWaiting = isWorth || this.#isFirst;
      if (isWaiting && asking !== this.#waitedFor)
        await this.#waitFor(asking, signal);
      else void asking.catch(() => undefined);
    }
    this.#isFirst = false;
    for (const name of this.#unknownIn(type, unknown))
      if (this.#missed.size < MOST_MISSED) this.#missed.add(`${type} ${name}`);
  }

  /** Asks in advance, until `ended`. */
  begin(ended: AbortSignal): void {
    void this.ask(ended).catch(() => undefined);
  }

  /** Asks for all definitions; callers at the same time share the requests. Rejects only with the signal's reason. */
  ask(signal: AbortSignal): Promise<void> {
    this.#asking ??= this.#askAll(signal).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  #isDue(): boolean {
    const isAsking = this.#isFirst && this.#asking !== null;
    return isAsking || this.#options.clock.monotonicMs() >= this.#nextAskMs;
  }

  #unknownIn(type: string, names: Iterable<string>): readonly string[] {
    const fields = this.#lists.get(type);
    if (fields === undefined) return [];
    const known = new Set(fields.map(({ name }) => name));
    return [...names].filter((name) => !known.has(name));
  }

  /** A name that is new is asked for at once, within limits; one that Sell does not define once a minute. */
  #isWorthAsking(type: string, unknown: readonly string[]): boolean {
    if (unknown.length === 0) return false;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#askedMs >= RETRY_MS) return true;
    if (unknown.every((name) => this.#missed.has(`${type} ${name}`)))
      return false;
    this.#unknownAsksMs = this.#unknownAsksMs.filter(
      (atMs) => nowMs - atMs < UNKNOWN_WINDOW_MS,
    );
    if (this.#unknownAsksMs.length >= MOST_UNKNOWN_ASKS) return false;
    this.#unknownAsksMs.push(nowMs);
    return true;
  }

  async #waitFor(asking: Promise<void>, signal: AbortSignal): Promise<void> {
    this.#waitedFor = asking;
    const over = new AbortController();
    const within = AbortSignal.any([signal, over.signal]);
    const late = this.#options.clock
      .sleep(LONGEST_WAIT_MS, within)
      .catch(() => undefined);
    try {
      await abortable(Promise.race([asking, late]), signal);
    } finally {
      over.abort(WAIT_OVER);
    }
  }

  async #askAll(signal: AbortSignal): Promise<void> {
    const { clock, told } = this.#options;
    this.#askedMs = clock.monotonicMs();
    this.#nextAskMs = this.#askedMs + RETRY_MS;
    const reasons: string[] = [];
    let isDenied = false;
    for (const [type, resources] of Object.entries(resourcesOf))
      for (const resource of resources) {
        const error = await this.#askOne(type, resource, signal);
        if (error === null) continue;
        isDenied ||= error instanceof DeniedFault;
        reasons.push(reasonOf(error));
      }
    this.#missed.clear();
    for (const type of Object.keys(resourcesOf)) this.#combine(type);
    const nowMs = clock.monotonicMs();
    if (reasons.length === 0 || isDenied) this.#nextAskMs = nowMs + FRESH_MS;
    this.#unknownBecause = reasons[0] ?? null;
    told(this.#unknownBecause);
  }

  async #askOne(
    type: string,
    resource: string,
    signal: AbortSignal,
  ): Promise<unknown> {
    const label = resource === type ? null : resource;
    try {
      const fields = await this.#options.client.fields(resource, label, signal);
      this.#byResource.set(resource, fields);
      return null;
    } catch (error) {
      signal.throwIfAborted();
      return error;
    }
  }

  /** Puts the fields of a type's resources together; the list stays the same object while it says the same. */
  #combine(type: string): void {
    const own: CustomField[] = [];
    let isKnown = false;
    for (const resource of resourcesOf[type] ?? []) {
      const fields = this.#byResource.get(resource);
      isKnown ||= fields !== undefined;
      for (const field of fields ?? [])
        if (!own.some((one) => one.id === field.id && one.name === field.name))
          own.push(field);
    }
    if (!isKnown) return;
    own.sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
    if (!isDeepStrictEqual(this.#lists.get(type), own))
      this.#lists.set(type, own);
  }
}
