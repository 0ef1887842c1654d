import { canonicalJson } from "../../json/canonical.ts";
import { members } from "../../json/members.ts";
import type { ValueReader } from "../value-format.ts";

/** Reads values that are JSON text, in any envelope; the `change` envelope is told by its members. */
export const jsonReader: ValueReader = {
  read(body) {
    const parsed = JSON.parse(body.toString("utf8")) as unknown;
    if (!isEnvelope(parsed)) return canonicalJson(body);
    if (parsed.after === null) return null;
    return canonicalJson(body, members(body).get("after"));
  },
  canonical: (data) => canonicalJson(data),
};

function isEnvelope(value: unknown): value is { readonly after: unknown } {
  if (typeof value !== "object" || value === null) return false;
  const { source } = value as { source?: { connector?: unknown } | null };
  return (
    source?.connector === "zendesk-sell" && "after" in value && "op" in value
  );
}
