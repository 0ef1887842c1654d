import { canonicalJson } from "../../json/canonical.ts";
import { members, type Span } from "../../json/members.ts";
import { wholeOf } from "../../json/values.ts";
import type { ValueReader } from "../value-format.ts";

/** Reads values that are JSON text, in any envelope; the `change` envelope is told by its members. */
export const jsonReader: ValueReader = {
  read(body) {
    const span = recordSpanIn(body);
    return span === null ? null : canonicalJson(body, span);
  },
  canonical: (data) => canonicalJson(data),
};

/** Returns the position of the record in a value; null for a deletion. Throws when the value is no JSON. */
export function recordSpanIn(body: Buffer): Span | null {
  const parsed = JSON.parse(body.toString("utf8")) as unknown;
  if (!isEnvelope(parsed)) return wholeOf(body);
  if (parsed.after === null) return null;
  return members(body).get("after") ?? wholeOf(body);
}

function isEnvelope(value: unknown): value is { readonly after: unknown } {
  if (typeof value !== "object" || value === null) return false;
  const { source } = value as { source?: { connector?: unknown } | null };
  return (
    source?.connector === "zendesk-sell" && "after" in value && "op" in value
  );
}
