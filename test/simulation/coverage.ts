import { type Counts, Ledger } from "./ledger.ts";
import { isExactlyOnce } from "./simulate.ts";

/** What became of all items in many schedules, and what befell them, by guarantee. */
export class Coverage {
  readonly atLeastOnce: Counts = new Ledger(false).counts;
  readonly exactlyOnce: Counts = new Ledger(true).counts;

  add(seed: number, counts: Counts): void {
    const sums = isExactlyOnce(seed) ? this.exactlyOnce : this.atLeastOnce;
    for (const name of Object.keys(counts) as (keyof Counts)[])
      sums[name] += counts[name];
  }
}
