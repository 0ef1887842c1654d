import { z } from "zod";

export const log = z.strictObject({
  level: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
    .default("info")
    .describe("How much is logged; --log-level overrides it"),
});
