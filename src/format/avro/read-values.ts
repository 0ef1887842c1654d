import type { Type } from "avsc";
import { compile } from "./long.ts";
import type { Registry } from "../schema-registry/registry.ts";
import { rowMeaning, type RowMeaning } from "./row-meaning.ts";
import { fieldsOf, rowWithin } from "./row-within.ts";
import type { AvroSchema } from "./schemas.ts";

const MAGIC_BYTE = 0;
const HEAD_BYTES = 5;

interface ReadSchema {
  readonly type: Type;
  readonly isEnvelope: boolean;
  readonly meaning: RowMeaning;
}

/** The id of the schema that a value was written with; null when it is not in Confluent's wire format. */
export function schemaIdOf(value: Buffer): number | null {
  return value.length >= HEAD_BYTES && value[0] === MAGIC_BYTE
    ? value.readUInt32BE(1)
    : null;
}

/** Reads Avro values back, whatever schema they were written with. */
export class AvroValues {
  readonly #registry: Registry;
  readonly #schemas = new Map<number, ReadSchema | null>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Gets schemas ready, by id. Rejects as the registry does; ids without a schema are no error. */
  async prepare(ids: Iterable<number>, signal: AbortSignal): Promise<void> {
    for (const id of ids) {
      if (this.#schemas.has(id)) continue;
      const text = await this.#registry.byId(id, signal);
      this.#schemas.set(id, text === null ? null : readSchema(text));
    }
  }

  /** How records are compared that were written with a schema; null when there is no such schema. */
  meaning(id: number): RowMeaning | null {
    return this.#schemas.get(id)?.meaning ?? null;
  }

  /** What a value says, in the words of its schema's meaning; null for a deletion. Throws when it can't be read. */
  read(id: number, value: Buffer): string | null {
    const schema = this.#schemas.get(id);
    if (schema === undefined || schema === null)
      throw new RangeError(`there is no schema ${id}`);
    const { type, isEnvelope, meaning } = schema;
    const read = type.fromBuffer(value.subarray(HEAD_BYTES)) as unknown;
    if (!isEnvelope) return meaning.ofRow(read);
    const { after } = read as { after: unknown };
    return after === null ? null : meaning.ofRow(after);
  }
}

function readSchema(text: string): ReadSchema | null {
  try {
    const schema = JSON.parse(text) as AvroSchema;
    const isEnvelope = fieldsOf(schema).some(({ name }) => name === "after");
    const row = isEnvelope ? rowWithin(schema) : schema;
    return { type: compile(schema), isEnvelope, meaning: rowMeaning(row) };
  } catch {
    // Not a schema that this program could have written with.
    return null;
  }
}
