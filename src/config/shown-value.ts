import type { z } from "zod";
import {
  pathText,
  typesAt,
  typesWithin,
  type ConfigPath,
} from "./config-path.ts";
import { secretPaths } from "./definition/config.ts";
import { textKindOf } from "./definition/fields.ts";

/** As much of a wrong value as a message may show: a value may be a secret in the wrong place, or hold one. */
export function shownValue(
  value: unknown,
  path: ConfigPath,
  definition: z.ZodType,
): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const place = pathText(path);
  const mayHoldSecret = secretPaths.some((secret) => secret.startsWith(place));
  if (mayHoldSecret) return hiddenValue(value);
  if (typeof value === "boolean" || value === null) return String(value);
  const types = typesAt(definition, path);
  const isAddress = types.some((type) => textKindOf(type) === "address");
  if (isAddress && typeof value === "string")
    return originOf(value) ?? hiddenValue(value);
  if (typeof value === "string" && isForBrokers(types))
    return areBrokers(value) ? JSON.stringify(value) : hiddenValue(value);
  if (types.length === 0 || !types.every(isPublic)) return hiddenValue(value);
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

export function hiddenValue(value: unknown): string {
  return typeof value === "string"
    ? `${value.length} characters (not shown)`
    : `${typeof value === "object" ? "an" : "a"} ${typeof value} (not shown)`;
}

/** Types in whose place nobody writes a secret. */
const publicTypes: ReadonlySet<string> = new Set([
  "boolean",
  "enum",
  "literal",
  "number",
]);

function isPublic(type: z.core.$ZodTypes): boolean {
  return publicTypes.has(type._zod.def.type) || textKindOf(type) === "public";
}

/** Whether the types are of a broker's address, or of a list of them. */
function isForBrokers(types: readonly z.core.$ZodTypes[]): boolean {
  return [...types, ...typesWithin(types, 0)].some(
    (type) => textKindOf(type) === "broker",
  );
}

/** Names of hosts, perhaps with scheme and port: each as short as a host's may be, and no `name:password`. */
function areBrokers(value: string): boolean {
  return (
    value.length <= 300 &&
    value
      .split(/[,;\s]+/)
      .every((one) =>
        /^([a-z_]{1,20}:\/\/)?(\[[0-9a-f:]{2,45}\]|[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*)?(:\d{0,5})?\/?$/i.test(
          one,
        ),
      )
  );
}

/** Scheme and host of an address; null where they may be parts of a login. */
function originOf(value: string): string | null {
  if (!/^[a-z]+:\/\/[a-z0-9.[\]:-]+([/?#][^@]*)?$/i.test(value)) return null;
  const url = URL.parse(value);
  return url === null ? null : `${url.protocol}//${url.host}`;
}
