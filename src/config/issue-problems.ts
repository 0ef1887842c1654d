import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { secretPaths } from "./definition/config.ts";
import { pathText, valueAt } from "./config-path.ts";
import type { Problem } from "./problem.ts";

/** A configuration as it is, and as it should be. */
interface Root {
  readonly definition: z.ZodType;
  readonly value: unknown;
}

/**
 * An issue in words for the one who wrote the configuration: what is wrong, where, and what would
 * be right. What came from the environment or a file, and secrets, are not shown.
 */
export function problemsOf(
  issue: z.core.$ZodIssue,
  root: Root,
  filledPaths: ReadonlySet<string>,
): Problem[] {
  const path = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(root, issue.path);
    return issue.keys.map((key) => ({
      path: path === "" ? shownKey(key) : `${path}.${shownKey(key)}`,
      message: `is not a known key${nearest(key, known)}; known here: ${known.join(", ")}`,
    }));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const closest = issue.errors.reduce((best, errors) =>
      errors.length <= best.length ? errors : best,
    );
    return closest.flatMap((inner) =>
      problemsOf(
        { ...inner, path: [...issue.path, ...inner.path] },
        root,
        filledPaths,
      ),
    );
  }
  const value = valueAt(root.value, issue.path);
  if (value === undefined && issue.code === "invalid_type")
    return [
      {
        path,
        message: `is required${requiredIn(root, issue.path)}`,
      },
    ];
  const found =
    value === undefined || path === ""
      ? ""
      : `, but is ${filledPaths.has(path) ? hiddenText(value) : excerpt(value, path)}`;
  return [
    {
      path,
      message: `${issue.message.replace(/^Invalid (input|option): /, "").replace(/, received \w+$/, "")}${found}`,
    },
  ];
}

/** A key that can't be a setting's may be a secret at the wrong place. */
function shownKey(key: string): string {
  return /^[\w$ .-]{1,50}$/.test(key) ? key : "(a key that is not shown)";
}

function hiddenText(value: unknown): string {
  return typeof value === "string"
    ? `${value.length} characters (not shown)`
    : `${typeof value === "object" ? "an" : "a"} ${typeof value} (not shown)`;
}

/** Texts that are never secrets; an address may hold credentials, a broker a whole login. */
const SHOWN_TEXTS =
  /^(name|group|kafka\.(clientId|compression|sasl\.mechanism)|topics\.(pattern|create|partitions|replicationFactor|config\..*)|format\..*|delivery\..*|server\..*|log\.level|sell\.(?!accessToken$|baseUrl$|deviceUuid$).*)$/;
const ADDRESSES = /^(sell\.baseUrl|schemaRegistry\.url)$|\.tokenEndpoint$/;

/** What is at a path, as far as it may be shown: an object may hold secrets deeper down. */
function excerpt(value: unknown, path: string): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const isSecret = secretPaths.some((secret) => secret.startsWith(path));
  if (isSecret) return hiddenText(value);
  // No secret is one of these.
  if (typeof value === "boolean" || value === null) return String(value);
  if (ADDRESSES.test(path) && typeof value === "string")
    return originOf(value) ?? hiddenText(value);
  if (!SHOWN_TEXTS.test(path)) return hiddenText(value);
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** An address's scheme and host; null where parts of a login may be taken for them. */
function originOf(value: string): string | null {
  if (!/^[a-z]+:\/\/[a-z0-9.[\]:-]+([/?#][^@]*)?$/i.test(value)) return null;
  const url = URL.parse(value);
  return url === null ? null : `${url.protocol}//${url.host}`;
}

function nearest(key: string, known: readonly string[]): string {
  const [best] = known
    .map((name) => ({
      name,
      edits: distance(key.toLowerCase(), name.toLowerCase()),
    }))
    .sort((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= Math.max(2, key.length / 3)
    ? `; did you mean ${best.name}?`
    : "";
}

/** Says which keys an object that is missing must have. */
function requiredIn(root: Root, path: readonly PropertyKey[]): string {
  const keys = typesAt(root, path)
    .flatMap((type) => Object.entries(shapeOf(type)))
    .filter(([, type]) => !(type as z.ZodType).safeParse(undefined).success)
    .map(([key]) => key);
  return keys.length === 0 ? "" : `, with ${keys.join(" and ")} in it`;
}

/** The keys that the definition knows at a path. */
function keysAt(root: Root, path: readonly PropertyKey[]): string[] {
  return [
    ...new Set(
      typesAt(root, path).flatMap((type) => Object.keys(shapeOf(type))),
    ),
  ].filter((key) => key !== "$schema");
}

function typesAt(
  { definition }: Root,
  path: readonly PropertyKey[],
): unknown[] {
  let types: unknown[] = [definition];
  for (const step of path)
    types = types
      .flatMap((type) => Object.entries(shapeOf(type)))
      .filter(([name]) => name === step)
      .map(([, type]) => type);
  return types;
}

function shapeOf(type: unknown): Record<string, unknown> {
  const { def } = type as {
    def: {
      shape?: Record<string, unknown>;
      innerType?: unknown;
      options?: unknown[];
    };
  };
  if (def.shape !== undefined) return def.shape;
  if (def.innerType !== undefined) return shapeOf(def.innerType);
  return Object.assign({}, ...(def.options ?? []).map(shapeOf)) as Record<
    string,
    unknown
  >;
}
