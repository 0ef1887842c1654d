import { schemaKinds, type RegisteredSchema, type Schema } from "./schema.ts";

/** The response of a registry is not one of its API. */
export class UnfitAnswer extends Error {
  override readonly name = "UnfitAnswer";
}

const LARGEST_ID = 2_147_483_647;
const MOST_SUBJECTS = 1_000_000;

/** The id of a schema; each value holds it in four bytes. */
export function idIn(body: unknown): number {
  const id = member(body, "id");
  const isId = Number.isInteger(id) && Number(id) >= 0;
  if (!isId || Number(id) > LARGEST_ID)
    throw new UnfitAnswer('its "id" is not a whole number of 31 bits');
  return Number(id);
}

export function schemaIn(body: unknown): Schema {
  const text = member(body, "schema");
  if (typeof text !== "string" || text === "")
    throw new UnfitAnswer('its "schema" is not a text');
  // A registry may leave out the kind of an Avro schema.
  const kind = schemaKinds.find(
    (one) => one === (member(body, "schemaType") ?? "AVRO"),
  );
  if (kind === undefined)
    throw new UnfitAnswer(
      `its "schemaType" is none of ${schemaKinds.join(", ")}`,
    );
  return { kind, text };
}

export function registeredIn(body: unknown): RegisteredSchema {
  return { id: idIn(body), ...schemaIn(body) };
}

export function subjectsIn(body: unknown): readonly string[] {
  if (!Array.isArray(body) || body.length > MOST_SUBJECTS)
    throw new UnfitAnswer("it is not a list of subjects");
  return body.filter((subject) => typeof subject === "string");
}

/** The compatibility level, in capital letters. */
export function compatibilityIn(body: unknown): string {
  const level = member(body, "compatibilityLevel");
  if (typeof level !== "string")
    throw new UnfitAnswer('its "compatibilityLevel" is not a text');
  return level.toUpperCase();
}

function member(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null
    ? (body as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
