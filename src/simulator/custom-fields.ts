import type { Random } from "./random.ts";

/** A definition as Sell's Core API tells it, in one of its spellings. */
type Definition = Readonly<Record<string, unknown>>;

export interface SimulatedField {
  readonly id: number;
  name: string;
  type: string;
}

/** The custom fields of an account beside the usual ones, and what becomes of them while it runs. */
export const fieldOddities = ["odd", "many", "rename", "retype"] as const;

export type FieldOddity = (typeof fieldOddities)[number];

const fieldResources = [
  "contact",
  "lead",
  "deal",
  "prospect_and_customer",
] as const;

/** The custom fields that `customFields` in resources/resource.ts fills. */
const usual: readonly (readonly [name: string, type: string])[] = [
  ["Region", "list"],
  ["Very_Complicated.CustomField", "string"],
  [";1234", "bool"],
  ["Größe (cm)", "number"],
  ['Said "yes"?', "multi_select_list"],
  ["Legacy id", "number"],
  ["Delivery address", "address"],
  ["日本語", "string"],
];

/** Names that a column can't have, that collide, and every type. */
const odd: readonly (readonly [name: string, type: string])[] = [
  ["id", "number"],
  ["cf_x", "string"],
  ["", "string"],
  ["größe cm", "text"],
  [`${"Long ".repeat(23)}first`, "url"],
  [`${"Long ".repeat(23)}other`, "email"],
  ["Signed on", "date"],
  ["Last call", "datetime"],
  ["Tier", "list"],
  ["Interests", "multi_select_list"],
  ["Budget", "number"],
  ["Is VIP", "boolean"],
  ["Second phone", "phone"],
  ["Invoice address", "address"],
  ["__proto__", "string"],
];

const MANY = 510;
const RENAME_AFTER_MS = 10_000;
const RETYPE_AFTER_MS = 20_000;

/** The custom fields of a simulated account, which may be renamed or get another type while it runs. */
export class SimulatedFields {
  readonly #byResource = new Map<string, SimulatedField[]>();
  readonly #originalNames = new Map<SimulatedField, string>();
  #nextId = 1;

  constructor(oddities: readonly FieldOddity[] = []) {
    for (const resource of fieldResources) {
      this.#nextId = 1_000 * (fieldResources.indexOf(resource) + 1);
      if (resource === "prospect_and_customer") continue;
      const fields = oddities.includes("odd") ? [...usual, ...odd] : usual;
      for (const [name, type] of fields) this.add(resource, name, type);
      if (oddities.includes("many"))
        for (let n = 1; n <= MANY; n++)
          this.add(resource, `Field ${n}`, n % 2 === 0 ? "number" : "string");
    }
  }

  /** Renames and changes fields after a while, when the oddities say so; `ended` stops that. */
  begin(oddities: readonly FieldOddity[], ended: AbortSignal): void {
    const later = (afterMs: number, act: () => void) => {
      const timer = setTimeout(act, afterMs);
      ended.addEventListener("abort", () => {
        clearTimeout(timer);
      });
    };
    if (oddities.includes("rename"))
      later(RENAME_AFTER_MS, () => {
        for (const [resource] of this.#byResource)
          this.rename(resource, "Region", "Sales region");
      });
    if (oddities.includes("retype"))
      later(RETYPE_AFTER_MS, () => {
        for (const [resource] of this.#byResource)
          this.retype(resource, "Legacy id", "string");
      });
  }

  add(resource: string, name: string, type: string): SimulatedField {
    const field = { id: this.#nextId++, name, type };
    const fields = this.#byResource.get(resource) ?? [];
    this.#byResource.set(resource, [...fields, field]);
    this.#originalNames.set(field, name);
    return field;
  }

  rename(resource: string, from: string, to: string): void {
    const field = this.#find(resource, from);
    if (field !== undefined) field.name = to;
  }

  retype(resource: string, name: string, type: string): void {
    const field = this.#find(resource, name);
    if (field !== undefined) field.type = type;
  }

  /** The body of `GET /v2/:resource/custom_fields`. */
  body(resource: string): string {
    const fields = this.#byResource.get(resource) ?? [];
    return JSON.stringify({
      items: fields.map((field) => ({
        data: definitionOf(field),
        meta: { type: "custom_field" },
      })),
      meta: { type: "collection", count: fields.length },
    });
  }

  /** `custom_fields` of a record: the usual values by the names of now, and values of all other fields. */
  values(
    type: string,
    given: Readonly<Record<string, unknown>>,
    random: Random,
  ): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    for (const field of this.#byResource.get(type) ?? []) {
      const name = this.#originalNames.get(field) ?? "";
      const value = given[name];
      if (usual.some(([one]) => one === name)) {
        if (value === undefined) continue;
        entries.push([field.name, retyped(value, field.type)]);
      } else if (random.chance(0.7))
        entries.push([field.name, valueOf(field, random)]);
    }
    return Object.fromEntries(entries);
  }

  #find(resource: string, name: string): SimulatedField | undefined {
    return this.#byResource.get(resource)?.find((one) => one.name === name);
  }
}

function definitionOf({ id, name, type }: SimulatedField): Definition {
  const isOld = id % 2 === 0;
  const hasChoices = type === "list" || type === "multi_select_list";
  return {
    id,
    name,
    type,
    ...(hasChoices && {
      [isOld ? "options" : "choices"]: choices.map((choice, at) => ({
        id: at + 1,
        name: choice,
      })),
    }),
    [isOld ? "for_organisation" : "for_company"]: true,
    for_contact: true,
    created_at: "2024-01-01T00:00:00Z",
    updated_at: "2024-01-01T00:00:00Z",
  };
}

const choices = ["Gold", "Silver", "Bronze"] as const;

function retyped(value: unknown, type: string): unknown {
  if (type !== "string" || typeof value === "string" || value === null)
    return value;
  return JSON.stringify(value);
}

/** Sell's documents and programs show several notations of each type. */
function valueOf({ id, type }: SimulatedField, random: Random): unknown {
  const isOne = random.chance(0.5);
  const day = random.integer(10, 28);
  const choice = random.pick(choices);
  const named = isOne ? choice : { id: 1, name: choice };
  switch (type) {
    case "number":
      return isOne ? random.integer(0, 9_999) : `${random.integer(0, 999)}.45`;
    case "bool":
    case "boolean":
      return isOne;
    case "date":
      return isOne ? `2026-04-${day}` : `4/${day}/2026`;
    case "datetime":
      return isOne ? `2026-04-${day}T06:00:00Z` : `4/${day}/2026 6:00`;
    case "list":
      return named;
    case "multi_select_list":
      return [named];
    case "address":
      return { line1: `Street ${day}`, city: choice, country: null };
    default:
      return `text ${id} ${day}`;
  }
}
