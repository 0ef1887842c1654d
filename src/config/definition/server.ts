import { z } from "zod";
import { publicText } from "./fields.ts";

/** Where metrics, probes and the status page are served. */
export const server = z.strictObject({
  host: publicText
    .min(1)
    .default("127.0.0.1")
    .describe(
      "Address to listen at; there is no login, so mind who reaches it",
    ),
  port: z.int().min(0).max(65_535).describe("0 picks a free port and logs it"),
});
