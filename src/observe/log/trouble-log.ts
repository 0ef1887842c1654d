import type { Logger } from "pino";
import type { Clock } from "../../lib/clock.ts";
import type { TroubleTeller } from "../troubles/connector-troubles.ts";
import type { Lasting } from "../troubles/trouble-book.ts";
import type { TroubleFacts } from "../troubles/trouble-facts.ts";
import type { Trouble, TroubleCode } from "../troubles/trouble.ts";

/** A trouble that lasts is told again after this time. */
const AGAIN_MS = 300_000;
/** A trouble whose extent still grows is told after this time, with what is known. */
const GROWING_MS = 10_000;

export interface TroubleLogOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  /** True for a command that tells itself what its only drain ended with. */
  readonly isOneDrain: boolean;
}

interface Told {
  readonly atMs: number;
  readonly types: ReadonlySet<string>;
}

/** Logs each trouble when it begins, when it spreads to other types, every five minutes, and when it is over. */
export class TroubleLog implements TroubleTeller {
  readonly #options: TroubleLogOptions;
  readonly #seenMs = new Map<string, number>();
  readonly #told = new Map<string, Told>();

  constructor(options: TroubleLogOptions) {
    this.#options = options;
  }

  lasts(trouble: Lasting<TroubleFacts>, show: () => Trouble): void {
    const { key, code, deferral } = trouble.facts;
    if (code === "starting" || code === "stopping") return;
    const { clock, logger } = this.#options;
    const nowMs = clock.monotonicMs();
    const told = this.#told.get(key);
    const types = deferral?.itemsByType;
    if (told === undefined) {
      if (!this.#isDue(trouble, nowMs)) return;
      logger[firstLevelOf(trouble)](fieldsOf(show()), "trouble began");
    } else if (types !== undefined && hasOthers(types, told.types))
      logger[levelOf(trouble)](fieldsOf(show()), "trouble spread");
    else if (nowMs - told.atMs >= AGAIN_MS)
      logger[levelOf(trouble)](fieldsOf(show()), "trouble continues");
    else return;
    const names = new Set([...(told?.types ?? []), ...(types?.keys() ?? [])]);
    this.#told.set(key, { atMs: nowMs, types: names });
  }

  over({ facts }: Lasting<TroubleFacts>, show: () => Trouble): void {
    const { key } = facts;
    this.#seenMs.delete(key);
    if (!this.#told.delete(key)) return;
    const { code, server, host, sinceMs } = show();
    const durationMs = Math.max(0, this.#options.clock.epochMs() - sinceMs);
    this.#options.logger.info(
      { code, server, host, sinceMs, durationMs },
      "trouble is over",
    );
  }

  #isDue(
    { facts, isFirm, isOfDrain }: Lasting<TroubleFacts>,
    nowMs: number,
  ): boolean {
    const seenMs = this.#seenMs.get(facts.key) ?? nowMs;
    this.#seenMs.set(facts.key, seenMs);
    const isToldByCommand = this.#options.isOneDrain && isOfDrain;
    return (isFirm && !isToldByCommand) || nowMs - seenMs >= GROWING_MS;
  }
}

const unreachable: ReadonlySet<TroubleCode> = new Set([
  "kafka-away",
  "registry-away",
  "sell-away",
]);

/** A server that can't be reached is often back within seconds. */
function firstLevelOf(trouble: Lasting<TroubleFacts>): "warn" | "error" {
  return unreachable.has(trouble.facts.code) ? "warn" : levelOf(trouble);
}

function levelOf({ facts }: Lasting<TroubleFacts>): "warn" | "error" {
  return facts.code === "throttled" ? "warn" : "error";
}

/** The fields of a log line, without those that say nothing. */
function fieldsOf(trouble: Trouble): object {
  const { types, ...rest } = trouble;
  const said = Object.entries(rest).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(said), ...(types.length > 0 && { types }) };
}

function hasOthers(
  types: ReadonlyMap<string, number>,
  known: ReadonlySet<string>,
): boolean {
  return [...types.keys()].some((type) => !known.has(type));
}
