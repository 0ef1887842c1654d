import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 250;

/** Looks again and again; false when it was not reached within `ms`. */
export async function until(
  isReached: () => boolean | Promise<boolean>,
  ms: number,
): Promise<boolean> {
  const endMs = performance.now() + ms;
  while (!(await isReached())) {
    if (performance.now() > endMs) return false;
    await delay(LOOK_EVERY_MS);
  }
  return true;
}
