import { z } from "zod";

const MOST_ROWS = 10_000;

const count = z.number();
const text = z.string().max(100_000);
const rows = <T extends z.ZodType>(row: T) => z.array(row).max(MOST_ROWS);

const trouble = z.object({
  code: text,
  headline: text.optional(),
  host: text.nullish(),
  records: count.nullish(),
  typeCount: count.nullish(),
  types: rows(text).optional(),
  reason: text,
  remedy: text,
  command: text.nullish(),
  sinceMs: count.nullish(),
  nextTryMs: count.nullish(),
});

const common = {
  version: text,
  atMs: count,
  startedAtMs: count,
  ready: z.boolean(),
  troubles: rows(trouble),
};

const connectorStatus = z.object({
  ...common,
  connector: text,
  sell: text,
  to: text,
  activity: z.object({ headline: text, detail: text }),
  drain: z
    .object({
      done: count,
      total: count.nullable(),
      perSecond: count.nullable(),
    })
    .nullable(),
  lastCompleteAtMs: count.nullable(),
  totals: z.object({
    published: count,
    acknowledged: count,
    deadLettered: count,
  }),
  buffered: z.object({ items: count }),
  unacknowledged: count,
  lagSeconds: count.nullish(),
  customFieldsUnknown: text.nullish(),
  types: rows(
    z.object({
      type: text,
      created: count,
      updated: count,
      deleted: count,
      deadLettered: count,
      deferred: count,
    }),
  ),
  deadLetters: rows(
    z.object({
      atMs: count,
      count: count.default(1),
      type: text,
      stage: text,
      reason: text,
    }),
  ),
});

const fleetStatus = z.object({
  ...common,
  headline: text.optional(),
  folder: text,
  instance: text,
  connectors: rows(
    z.object({
      name: text,
      state: text,
      ready: z.boolean(),
      headline: text,
      runsOn: text.nullable(),
      published: count,
      deadLettered: count,
      lastCompleteAtMs: count.nullable(),
    }),
  ),
});

export type ShownTrouble = z.infer<typeof trouble>;
export type ShownConnector = z.infer<typeof connectorStatus>;
export type ShownFleet = z.infer<typeof fleetStatus>;
export type ShownStatus = ShownConnector | ShownFleet;

/** Returns the parts of a status that are shown; null for what is no status. */
export function shapeStatus(json: unknown): ShownStatus | null {
  const one = connectorStatus.safeParse(json);
  if (one.success) return one.data;
  const many = fleetStatus.safeParse(json);
  return many.success ? many.data : null;
}
