import type { CustomFields } from "../../domain/custom-fields.ts";
import { jsonReader } from "../json/json-reader.ts";
import type { ValueReader } from "../value-format.ts";
import { registeredFormatNames, schemasOf } from "../value-formats.ts";
import { bodyOf, schemaIdIn } from "./frame.ts";
import type { Registry } from "./registry.ts";
import type { RegisteredSchema } from "./schema.ts";

/** Reads values back, whatever format, envelope and schema they were written with. */
export class ValueReaders {
  readonly #registry: Registry | null;
  readonly #customFields: CustomFields | null;
  /** By the schema's id; null for a schema that no format can read. */
  readonly #readers = new Map<number, ValueReader | null>();

  /**
   * Without a registry, values that name a schema can't be read. Without definitions, custom fields
   * are known by the names that they had when the schema was registered.
   */
  constructor(
    registry: Registry | null,
    customFields: CustomFields | null = null,
  ) {
    this.#registry = registry;
    this.#customFields = customFields;
  }

  /** Loads the schemas of values. Rejects as the registry does; ids without a schema are no error. */
  async prepare(
    values: Iterable<Buffer | null>,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#registry === null) return;
    for (const value of values) {
      const id = value === null ? null : schemaIdIn(value);
      if (id === null || this.#readers.has(id)) continue;
      const schema = await this.#registry.byId(id, signal);
      const reader =
        schema === null ? null : await readerFor(schema, this.#customFields);
      this.#readers.set(id, reader);
    }
  }

  /** The reader for a schema; null when it was not prepared, or can't be read. */
  bySchema(id: number): ValueReader | null {
    return this.#readers.get(id) ?? null;
  }

  /** The record in a prepared value, as canonical text; null for a deletion. Throws when it can't be read. */
  read(value: Buffer): string | null {
    const id = schemaIdIn(value);
    if (id === null) return jsonReader.read(value);
    const reader = this.bySchema(id);
    if (reader === null) throw new RangeError(`schema ${id} can't be read`);
    return reader.read(bodyOf(value));
  }
}

async function readerFor(
  { kind, text }: RegisteredSchema,
  customFields: CustomFields | null,
): Promise<ValueReader | null> {
  const schemas = registeredFormatNames
    .map(schemasOf)
    .find((one) => one?.kind === kind);
  try {
    return (await schemas?.createReader(text, customFields)) ?? null;
  } catch {
    // No schema that this program could have written with.
    return null;
  }
}
