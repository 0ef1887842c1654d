import type { z } from "zod";
import { nearestOf } from "../lib/text/nearest.ts";
import {
  pathText,
  shapeOf,
  typesAt,
  valueAt,
  type ConfigPath,
} from "./config-path.ts";
import type { Problem } from "./problem.ts";
import { hiddenValue, shownValue } from "./shown-value.ts";
import { wantedBy } from "./wanted.ts";

/** A configuration that is wrong, and what it is checked by. */
export interface Checked {
  readonly definition: z.ZodType;
  readonly value: unknown;
  /** Paths of the strings that hold text from outside, which no message shows. */
  readonly filledPaths: ReadonlySet<string>;
}

/** What an issue of zod means to the author of the configuration: what is wrong, and what would be right. */
export function explainIssue(
  issue: z.core.$ZodIssue,
  checked: Checked,
): Problem[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKey(key, issue.path, checked));
  if (issue.code === "invalid_union" && issue.errors.length > 0)
    return closestOf(issue.errors).flatMap((inner) =>
      explainIssue({ ...inner, path: [...issue.path, ...inner.path] }, checked),
    );
  if (issue.code === "invalid_key") return [unfitKey(issue)];
  const path = pathText(issue.path);
  const value = valueAt(checked.value, issue.path);
  if (value === undefined && issue.code === "invalid_type")
    return [
      { path, message: `is required${requiredWithin(issue.path, checked)}` },
    ];
  const found =
    value === undefined || path === ""
      ? ""
      : `, but is ${shown(issue, checked)}`;
  return [{ path, message: `${wantedBy(issue)}${found}` }];
}

function unknownKey(
  key: string,
  path: ConfigPath,
  { definition }: Checked,
): Problem {
  const known = keysAt(definition, path);
  return {
    path: pathText([...path, shownKey(key)]),
    message: `is not a known key; ${nearest(key, known)}: ${known.join(", ")}`,
  };
}

/** A key of a table whose keys are free, but not in every form. */
function unfitKey({ path, issues }: z.core.$ZodIssueInvalidKey): Problem {
  const key = String(path.at(-1) ?? "");
  return {
    path: pathText([...path.slice(0, -1), shownKey(key)]),
    message: issues[0]?.message ?? "is no valid key",
  };
}

/** A key that looks like no setting's may be a secret at the wrong place. */
function shownKey(key: string): string {
  return /^[\w$ .-]{1,50}$/.test(key) ? key : "(a key that is not shown)";
}

/** The issues with the member of a union that fits best. */
function closestOf(
  members: readonly z.core.$ZodIssue[][],
): readonly z.core.$ZodIssue[] {
  return members.reduce((best, issues) =>
    issues.length <= best.length ? issues : best,
  );
}

function shown({ path }: z.core.$ZodIssue, checked: Checked): string {
  const value = valueAt(checked.value, path);
  return checked.filledPaths.has(pathText(path))
    ? hiddenValue(value)
    : shownValue(value, path, checked.definition);
}

function nearest(key: string, known: readonly string[]): string {
  const [best] = nearestOf(key, known);
  return best === undefined ? "known here" : `did you mean ${best}? Known here`;
}

/** The keys that an object which is missing must have. */
function requiredWithin(path: ConfigPath, { definition }: Checked): string {
  const keys = typesAt(definition, path)
    .flatMap((type) => [...shapeOf(type)])
    .filter(([, type]) => !(type as z.ZodType).safeParse(undefined).success)
    .map(([key]) => String(key));
  return keys.length === 0 ? "" : `, with ${keys.join(" and ")} in it`;
}

/** The keys that the definition knows at a path. */
function keysAt(definition: z.ZodType, path: ConfigPath): string[] {
  const keys = typesAt(definition, path).flatMap((type) => [
    ...shapeOf(type).keys(),
  ]);
  return [...new Set(keys.map(String))].filter((key) => key !== "$schema");
}
