import type { z } from "zod";

export type ConfigPath = readonly PropertyKey[];
type Type = z.core.$ZodTypes;

/** A path as messages write it: `kafka.brokers[0]`. */
export function pathText(path: ConfigPath): string {
  return path
    .map((step) =>
      typeof step === "number" ? `[${step}]` : `.${String(step)}`,
    )
    .join("")
    .replace(/^\./, "");
}

/** The value at a path; undefined where there is none. */
export function valueAt(root: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined,
    root,
  );
}

/** The types that a definition allows at a path: several for a union, none for an unknown key. */
export function typesAt(definition: z.ZodType, path: ConfigPath): Type[] {
  return path.reduce<Type[]>(typesWithin, membersOf(definition));
}

/** The types that any of these types allows at a key, or at an index of a list. */
export function typesWithin(types: readonly Type[], step: PropertyKey): Type[] {
  return types.flatMap((type) => {
    const { def } = type._zod;
    if (def.type === "array") return membersOf(def.element);
    if (def.type === "record") return membersOf(def.valueType);
    const key = def.type === "object" ? shapeOf(type).get(step) : undefined;
    return key === undefined ? [] : membersOf(key);
  });
}

/** The keys of an object type, with their types; none for any other type. */
export function shapeOf(type: Type): ReadonlyMap<PropertyKey, z.core.$ZodType> {
  const { def } = type._zod;
  return new Map(def.type === "object" ? Object.entries(def.shape) : []);
}

/** A key of a definition, and the types that its value may have. */
export interface Key {
  readonly path: readonly string[];
  readonly types: readonly Type[];
}

/** Every key of a definition, before the keys within its value. */
export function keysIn(definition: z.ZodType): Key[] {
  return keysWithin(membersOf(definition), []);
}

function keysWithin(types: readonly Type[], path: readonly string[]): Key[] {
  const names = new Set(types.flatMap((type) => [...shapeOf(type).keys()]));
  return [...names].flatMap((name) => {
    const key = {
      path: [...path, String(name)],
      types: typesWithin(types, name),
    };
    return [key, ...keysWithin(key.types, key.path)];
  });
}

/** The members of a union, without what makes a type optional or gives it a default. */
function membersOf(type: z.core.$ZodType): Type[] {
  const { def } = (type as Type)._zod;
  if (def.type === "union") return def.options.flatMap(membersOf);
  return "innerType" in def ? membersOf(def.innerType) : [type as Type];
}
