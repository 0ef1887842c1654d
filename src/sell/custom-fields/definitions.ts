import { isUtf8 } from "node:buffer";
import type {
  CustomField,
  CustomFieldKind,
  FieldHolders,
} from "../../domain/custom-fields.ts";
import { UnavailableFault } from "../../domain/faults.ts";
import { excessIn } from "../../json/extent.ts";
import { isObject, type JsonObject } from "../../json/parsed.ts";

/** Sell allows 500 fields of each kind of record, each with up to 1,000 choices. */
const BOUNDS = { depth: 100, values: 4_000_000, secondLevelValues: 10_000 };
const MOST_FIELDS = 5_000;
const LONGEST_NAME = 1_000;

/** Sell's names of the types of custom fields, old and new. */
const kinds = new Map<string, CustomFieldKind>([
  ["address", "address"],
  ["bool", "boolean"],
  ["boolean", "boolean"],
  ["date", "date"],
  ["datetime", "date-time"],
  ["email", "text"],
  ["phone", "text"],
  ["string", "text"],
  ["text", "text"],
  ["url", "text"],
  ["list", "choice"],
  ["multi_select_list", "choices"],
  ["number", "number"],
]);

/**
 * Parses the answer to `GET /v2/:resource/custom_fields`: `{"items": [{"data": {"id", "name",
 * "type", …}}]}`. A definition that makes no sense is left out, and so are fields of unknown types.
 * Throws an UnavailableFault when the answer is no such list.
 */
export function decodeDefinitions(
  body: Buffer,
  resource: string | null,
): CustomField[] {
  const fields = new Map<string, CustomField>();
  for (const item of itemsIn(body)) {
    const field = decodeField(item, resource);
    if (field === null || fields.has(field.id)) continue;
    if (fields.size === MOST_FIELDS) break;
    fields.set(field.id, field);
  }
  return [...fields.values()];
}

function itemsIn(body: Buffer): readonly unknown[] {
  if (!isUtf8(body)) throw unreadable("it is not UTF-8");
  if (excessIn(body, BOUNDS) !== null) throw unreadable("it holds too much");
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8"));
  } catch {
    throw unreadable("it is no JSON");
  }
  const items = isObject(json) ? json["items"] : undefined;
  if (!Array.isArray(items)) throw unreadable('it has no list "items"');
  return items;
}

function unreadable(reason: string): UnavailableFault {
  return new UnavailableFault(
    `Sell's list of custom fields can't be read: ${reason}`,
  );
}

function decodeField(
  item: unknown,
  resource: string | null,
): CustomField | null {
  const data = isObject(item) && isObject(item["data"]) ? item["data"] : item;
  if (!isObject(data)) return null;
  const { id, name, type } = data;
  const kind = typeof type === "string" ? kinds.get(type.toLowerCase()) : null;
  const digits = idOf(id);
  if (digits === null || typeof name !== "string") return null;
  if (kind === null || kind === undefined) return null;
  if (name.length > LONGEST_NAME || !name.isWellFormed()) return null;
  return { id: digits, resource, name, kind, holders: holdersOf(data) };
}

function idOf(id: unknown): string | null {
  const isNumber =
    typeof id === "number" && Number.isSafeInteger(id) && id >= 0;
  if (isNumber) return String(id);
  return typeof id === "string" && /^\d{1,19}$/.test(id) ? id : null;
}

/** Sell's documents call it `for_company`, its own programs read `for_organisation`. */
function holdersOf(data: JsonObject): FieldHolders {
  const ofOrganizations = [
    data["for_company"],
    data["for_organisation"],
    data["for_organization"],
  ].find((one) => typeof one === "boolean");
  const ofPeople = data["for_contact"];
  if (ofOrganizations === true && ofPeople === false) return "organizations";
  if (ofOrganizations === false && ofPeople === true) return "people";
  return "all";
}
