import { z } from "zod";
import {
  count,
  httpsOrLoopback,
  secret,
  shortWait,
  WEEK_MS,
  withoutQuery,
} from "./fields.ts";

const token = (scope: string) =>
  secret.regex(/^[\x21-\x7e]{64,}$/, {
    error: `must be at least 64 characters without white space, as Sell issues them under Settings > Integrations > OAuth > Access tokens, with the ${scope} scope`,
  });

/** How to reach Sell's Sync API, and how fast to drain it. */
export const sell = z.strictObject({
  baseUrl: httpsOrLoopback
    .refine(withoutQuery.isFit, withoutQuery)
    .default("https://api.getbase.com")
    .describe(
      "Address of Sell's API; https, or http on a loopback host; redirects are never followed",
    ),
  accessToken: token("sync").describe(
    "Bearer token with the sync scope; best given as ${env:NAME} or ${file:PATH}",
  ),
  readToken: token("read")
    .optional()
    .describe(
      "Bearer token with the read scope, by which the definitions of custom fields are read with format.layout columns; without it accessToken is tried",
    ),
  deviceUuid: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, {
      error: "must be 1 to 200 visible ASCII characters, best a UUID",
    })
    .optional()
    .describe("Overrides the derived device UUID; must never change"),
  epoch: z
    .int()
    .min(0)
    .max(9_999_999_999_999)
    .default(0)
    .describe("Raise it to have Sell send everything again"),
  pollIntervalMs: z
    .int()
    .min(1_000)
    .max(WEEK_MS)
    .default(10_000)
    .describe(
      "The longest wait from the end of a drain to the start of the next, in milliseconds; an idle poll is one request",
    ),
  minPollIntervalMs: z
    .int()
    .min(100)
    .max(WEEK_MS)
    .default(1_000)
    .describe(
      "The wait in milliseconds until 10 seconds after the last change; each drain without one doubles it, up to pollIntervalMs. Polling takes at most a quarter of requestsPerSecond",
    ),
  requestsPerSecond: z
    .number()
    .gt(0)
    .max(1_000_000)
    .default(10)
    .describe(
      "Ceiling for all requests of this token by this process, retries and acknowledgements too; fractions are fine",
    ),
  parallelFetches: count
    .max(100)
    .default(4)
    .describe("Connections that drain one session"),
  requestTimeoutMs: shortWait
    .default(30_000)
    .describe("Milliseconds that one request may take"),
  maxPageBytes: z
    .int()
    .min(1_024)
    .max(268_435_456)
    .default(134_217_728)
    .describe(
      "Decoded bytes of the largest answer that is read as a page; a page may hold 10,000 items and 2,000,000 JSON values, whatever this says",
    ),
  ackBatchSize: count
    .max(100_000)
    .default(500)
    .describe("Keys in one acknowledgement, before it grows"),
  maxAckBatchSize: count
    .max(100_000)
    .default(2_000)
    .describe(
      "Most keys in one acknowledgement: up to here it grows from ackBatchSize while a backlog lasts and Sell accepts it",
    ),
});
