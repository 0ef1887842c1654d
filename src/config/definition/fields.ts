import { z } from "zod";

export const text = z.string().min(1);
export const count = z.int().min(1);

const HOUR_MS = 3_600_000;
export const WEEK_MS = 168 * HOUR_MS;

/** A wait that one request may take, or that ends a process. */
export const shortWait = z.int().min(1).max(HOUR_MS);
/** Far below 2^31 ms, beyond which timers do not reach. */
export const longWait = z.int().min(1).max(WEEK_MS);
