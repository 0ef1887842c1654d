import { jsonReader } from "../json/json-reader.ts";
import type { ValueReader } from "../value-format.ts";
import { registeredFormatNames, schemasOf } from "../value-formats.ts";
import { bodyOf, schemaIdIn } from "./frame.ts";
import type { Registry } from "./registry.ts";
import type { RegisteredSchema } from "./schema.ts";

/** Reads values back, whatever format, envelope and schema they were written with. */
export class ValueReaders {
  readonly #registry: Registry | null;
  /** By the schema's id; null for a schema that no format can read. */
  readonly #readers = new Map<number, ValueReader | null>();

  /** Without a registry, values that name a schema can't be read. */
  constructor(registry: Registry | null) {
    this.#registry = registry;
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
      this.#readers.set(id, schema === null ? null : await readerFor(schema));
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

async function readerFor({
  kind,
  text,
}: RegisteredSchema): Promise<ValueReader | null> {
  const schemas = registeredFormatNames
    .map(schemasOf)
    .find((one) => one?.kind === kind);
  try {
    return (await schemas?.createReader(text)) ?? null;
  } catch {
    // No schema that this program could have written with.
    return null;
  }
}
