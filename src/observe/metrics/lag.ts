import type { Outcome } from "../../domain/settled.ts";

/** Milliseconds from Sell's `updated_at` to the brokers' confirmation; null when there is no telling. */
export function lagMs(
  { item, fate }: Outcome,
  confirmedAtMs: number,
): number | null {
  if (fate.kind !== "published" || item.kind !== "change") return null;
  if (item.sourceTimeMs === null) return null;
  // Sell's clock may be ahead of ours.
  return Math.max(0, confirmedAtMs - item.sourceTimeMs);
}
