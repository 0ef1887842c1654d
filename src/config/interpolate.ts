import type { z } from "zod";
import {
  pathText,
  typesAt,
  typesWithin,
  type ConfigPath,
} from "./config-path.ts";
import {
  fillPlaceholders,
  isOnePlaceholder,
  type Sources,
} from "./placeholders.ts";
import type { Problem } from "./problem.ts";

export interface Interpolated {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Paths of the strings that hold text from outside, and so may hold secrets. */
  readonly filledPaths: ReadonlySet<string>;
}

type Types = readonly z.core.$ZodTypes[];

/**
 * Fills the placeholders in every string of a JSON value. The definition says where a text from
 * outside stands for a number, a boolean or a list.
 */
export async function interpolate(
  json: unknown,
  definition: z.ZodType,
  sources: Sources,
): Promise<Interpolated> {
  const problems: Problem[] = [];
  const filledPaths = new Set<string>();

  const fill = async (
    value: unknown,
    path: ConfigPath,
    types: Types,
  ): Promise<unknown> => {
    if (typeof value === "string") return fillText(value, path, types);
    if (Array.isArray(value)) return fillList(value, path, types);
    return typeof value === "object" && value !== null
      ? fillObject(value, path, types)
      : value;
  };

  const fillText = async (text: string, path: ConfigPath, types: Types) => {
    const place = pathText(path);
    const filled = await fillPlaceholders(text, sources);
    problems.push(
      ...filled.problems.map((message) => ({ path: place, message })),
    );
    if (!filled.isFilled) return filled.text;
    filledPaths.add(place);
    if (allows(types, "array"))
      return separateItems([{ value: filled.text, isFilled: true }], place);
    return isOnePlaceholder(text)
      ? numberOrBoolean(filled.text, types)
      : filled.text;
  };

  const fillList = async (
    list: readonly unknown[],
    path: ConfigPath,
    types: Types,
  ) => {
    const values: unknown[] = await Promise.all(
      list.map((one, index) =>
        fill(one, [...path, index], typesWithin(types, index)),
      ),
    );
    if (!allows(types, "array")) return values;
    const items = values.map((value, index) => ({
      value,
      isFilled: filledPaths.has(pathText([...path, index])),
    }));
    return separateItems(items, pathText(path));
  };

  const fillObject = async (value: object, path: ConfigPath, types: Types) => {
    const entries = Object.entries(value).map(
      async ([name, one]) =>
        [
          name,
          await fill(one, [...path, name], typesWithin(types, name)),
        ] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  };

  /** Splits the items that come from outside, and notes at which index each part now stands. */
  const separateItems = (
    items: readonly { value: unknown; isFilled: boolean }[],
    place: string,
  ): unknown[] => {
    const separate = items.flatMap(({ value, isFilled }) => {
      const isText = isFilled && typeof value === "string";
      const parts = isText ? partsOf(value) : [value];
      return parts.map((part) => ({ value: part, isFilled }));
    });
    for (const [index, { isFilled }] of separate.entries())
      if (isFilled) filledPaths.add(`${place}[${index}]`);
      else filledPaths.delete(`${place}[${index}]`);
    return separate.map(({ value }) => value);
  };

  const value = await fill(json, [], typesAt(definition, []));
  return { value, problems, filledPaths };
}

function allows(types: Types, wanted: "array" | "number" | "boolean"): boolean {
  return types.some((type) => type._zod.def.type === wanted);
}

/** The number or boolean that a text stands for, where the definition allows one. */
function numberOrBoolean(text: string, types: Types): unknown {
  if (!allows(types, "number") && !allows(types, "boolean")) return text;
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** The parts between commas. Empty parts are left out; a text without any other part is kept as it is. */
function partsOf(text: string): string[] {
  const parts = text.split(",").map((part) => part.trim());
  const named = parts.filter((part) => part !== "");
  return named.length === 0 ? [text] : named;
}
