import type { z } from "zod";

/** Words for the checks of zod, where a setting has none of its own. */
const OWN_WORDS = /^(Invalid (input|option|discriminator)|Too (small|big))\b/;

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list, [ … ]",
  object: "an object, { … }",
  record: "an object, { … }",
};

/** Returns the demand on a value, to be read after its path. */
export function wantedBy(issue: z.core.$ZodIssue): string {
  if (!OWN_WORDS.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${oneOf(issue.values)}`;
    case "invalid_union":
      return "options" in issue
        ? `must be ${oneOf(issue.options)}`
        : issue.message;
    case "too_small": {
      const least = issue.inclusive === false ? "more than" : "at least";
      return sized(issue.origin, least, issue.minimum);
    }
    case "too_big": {
      const most = issue.inclusive === false ? "less than" : "at most";
      return sized(issue.origin, most, issue.maximum);
    }
    case "custom":
    case "invalid_element":
    case "invalid_format":
    case "invalid_key":
    case "not_multiple_of":
    case "unrecognized_keys":
      return issue.message;
  }
}

function sized(origin: string, bound: string, limit: number | bigint): string {
  if (origin !== "string" && origin !== "array")
    return `must be ${bound} ${limit}`;
  const unit = origin === "string" ? "character" : "element";
  return `must have ${bound} ${limit} ${unit}${Number(limit) === 1 ? "" : "s"}`;
}

/** Such as `"none", "gzip" or "lz4"`. */
function oneOf(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value));
  const last = words.pop() ?? "";
  return words.length === 0 ? last : `${words.join(", ")} or ${last}`;
}
