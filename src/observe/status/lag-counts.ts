import type { Outcome } from "../../domain/settled.ts";

const BINS = 120;
const BINS_PER_OCTAVE = 3;

/** Counts how late changes were, in 480 bytes. */
export class LagCounts {
  readonly #bins = new Uint32Array(BINS);

  /** Null stands for an unknown lag, which is not counted. */
  add(lagMs: number | null): void {
    if (lagMs === null) return;
    const bin = binAt(lagMs);
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
  }

  /** The median, within an eighth; null when nothing was counted. */
  medianMs(): number | null {
    const total = this.#bins.reduce((sum, count) => sum + count, 0);
    let below = 0;
    for (const [bin, count] of this.#bins.entries()) {
      below += count;
      if (count > 0 && below * 2 >= total)
        return 2 ** ((bin + 0.5) / BINS_PER_OCTAVE) - 1;
    }
    return null;
  }
}

/**
 * Milliseconds from Sell's `updated_at` to the brokers' confirmation. Null for an item that is not
 * a published change, or has no `updated_at`.
 */
export function lagMs(
  { item, fate }: Outcome,
  confirmedAtMs: number,
): number | null {
  if (fate.kind !== "published" || item.kind !== "change") return null;
  if (item.sourceTimeMs === null) return null;
  // Sell's clock may be ahead of this machine's.
  return Math.max(0, confirmedAtMs - item.sourceTimeMs);
}

/** Each bin is 26 % wider than the one before, so that 120 of them reach from a millisecond to years. */
function binAt(lagMs: number): number {
  const bin = Math.floor(Math.log2(lagMs + 1) * BINS_PER_OCTAVE);
  return Math.min(BINS - 1, bin);
}
