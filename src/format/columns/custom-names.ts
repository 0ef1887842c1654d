import {
  isSameField,
  type CustomField,
  type CustomFieldList,
  type FieldHolders,
} from "../../domain/custom-fields.ts";
import { elements, members, type Span } from "../../json/members.ts";
import {
  isArrayAt,
  isNullAt,
  isObjectAt,
  scalarAt,
  textAt,
} from "../../json/values.ts";
import { UNFIT } from "../scalars/scalars.ts";
import type { CustomColumn } from "./column.ts";
import { columnsFor } from "./custom-columns.ts";
import { objectPut, valuePut, type Put, type Target } from "./puts.ts";
import type { ReadValue, Values } from "./table.ts";

/** A field that a name may stand for, and its columns. */
interface Holder {
  readonly holders: FieldHolders;
  readonly put: Put;
}

/**
 * The put of each name in `custom_fields` that has columns. A name may stand for several
 * fields: one of people and one of organizations, or two that can't be told apart, of which the
 * first one that holds the value gets it.
 */
export function customNames(
  columns: readonly CustomColumn[],
  target: Target,
  fields: CustomFieldList | null,
): ReadonlyMap<string, Put> {
  const byName = new Map<string, Holder[]>();
  for (const { name, holders, own } of namedColumns(columns, fields))
    if (own.length > 0) {
      const holder = { holders, put: fieldPut(own, target) };
      byName.set(name, [...(byName.get(name) ?? []), holder]);
    }
  return new Map(
    [...byName].map(([name, holders]) => [name, putOfAny(holders)]),
  );
}

interface NamedColumns extends Pick<CustomField, "name" | "holders"> {
  readonly own: readonly CustomColumn[];
}

function* namedColumns(
  columns: readonly CustomColumn[],
  fields: CustomFieldList | null,
): Generator<NamedColumns> {
  if (fields !== null)
    for (const field of fields)
      yield { ...field, own: columnsFor(field, columns) };
  else yield* rememberedNames(columns);
}

/** The newest columns of each name that the schema remembers. */
function* rememberedNames(
  columns: readonly CustomColumn[],
): Generator<NamedColumns> {
  const newest = new Map<string, CustomColumn>();
  for (const column of columns) newest.set(column.place.field.name, column);
  for (const [name, { type, place }] of newest)
    yield {
      name,
      holders: "all",
      own: columns.filter(
        (one) =>
          isSameField(one.place.field, place.field) &&
          one.type === type &&
          (one.place.part === null) === (place.part === null),
      ),
    };
}

function putOfAny(candidates: readonly Holder[]): Put {
  const [only] = candidates;
  if (candidates.length === 1 && only !== undefined) return only.put;
  return (values, json, span, record) => {
    const kind = kindOf(json, record.named("is_organization"));
    const fit = candidates.filter(
      ({ holders }) => holders === "all" || holders === kind,
    );
    const [first] = fit.length > 0 ? fit : candidates;
    for (const { put } of fit) {
      const trial: Values = [];
      const left = put(trial, json, span, record);
      if (typeof left === "string") continue;
      // Only the places that the put has filled are visited.
      trial.forEach((value, index) => {
        values[index] = value;
      });
      return left;
    }
    return first?.put(values, json, span, record) ?? false;
  };
}

function kindOf(json: Buffer, span: Span | null): FieldHolders {
  if (span === null) return "all";
  return textAt(json, span) === "true" ? "organizations" : "people";
}

function fieldPut(own: readonly CustomColumn[], target: Target): Put {
  const [first] = own;
  if (first === undefined || first.place.part !== null)
    return objectPut(
      new Map(
        own.map((column) => [
          column.place.part ?? "",
          valuePut(column, target),
        ]),
      ),
    );
  const put = valuePut(first, target);
  const index = target.indexOf(first);
  const { read } = target.reads;
  if (first.type !== "string" && first.type !== "strings") return put;
  return (values, json, span, record) => {
    const left = put(values, json, span, record);
    if (typeof left !== "string") return left;
    // The column of a choice has its name; what else Sell sent of it stays in the text.
    const names =
      first.type === "string"
        ? namedBy(read.string, json, span)
        : listedNames(read.strings, json, span);
    if (names !== UNFIT) values[index] = names;
    return left;
  };
}

/** The name in a choice such as `{"id": 1, "name": "Gold"}`. */
function namedBy(read: ReadValue, json: Buffer, span: Span): unknown {
  if (!isObjectAt(json, span)) return UNFIT;
  const name = members(json, span.start).get("name");
  return name === undefined || isNullAt(json, name) ? UNFIT : read(json, name);
}

/** The names in a list of choices, each a name or an object with one. */
function listedNames(read: ReadValue, json: Buffer, span: Span): unknown {
  if (!isArrayAt(json, span)) return UNFIT;
  const names = elements(json, span.start).map((element) => {
    if (!isObjectAt(json, element)) return element;
    return members(json, element.start).get("name") ?? null;
  });
  const texts: string[] = [];
  for (const name of names) {
    const value = name === null ? null : scalarAt(json, name);
    if (typeof value !== "string") return UNFIT;
    texts.push(JSON.stringify(value));
  }
  const list = Buffer.from(`[${texts.join(",")}]`);
  return read(list, { start: 0, end: list.length });
}
