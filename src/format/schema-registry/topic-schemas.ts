import type { CustomFieldList } from "../../domain/custom-fields.ts";
import { RecordFault, TypeFault } from "../../domain/faults.ts";
import type { Clock } from "../../lib/clock.ts";
import type { RegisteredWriterOptions, SchemaSet } from "../value-format.ts";
import { neededSchema } from "./needed-schema.ts";
import type { RegisteredSchema } from "./schema.ts";
import {
  keptCause,
  kindFault,
  missingFault,
  unusableFault,
} from "./schema-faults.ts";

export interface TopicSchemasOptions<T> extends Pick<
  RegisteredWriterOptions,
  "registry" | "autoRegister" | "shape" | "topicPerType" | "columns"
> {
  readonly clock: Clock;
  readonly schemas: SchemaSet;
  /** Makes of a schema what values are written with. Throws for one that it can't use. */
  readonly compile: (
    schema: RegisteredSchema,
    fields: CustomFieldList | null,
  ) => T | Promise<T>;
}

interface Loaded<T> {
  readonly schema: RegisteredSchema;
  readonly compiled: T;
  /** The custom fields that it was made for. */
  readonly fields: CustomFieldList | null;
  /** When a better one is asked for; null when this is the one that is needed. */
  readonly betterAtMs: number | null;
}

/** A schema that was refused is not asked for again within this time. */
const RECHECK_MS = 10_000;
/** While an earlier schema does, a better one is asked for less often. */
const KEPT_RECHECK_MS = 60_000;

/** The subject under which the schema of a topic's values is registered. */
export function valueSubject(topic: string): string {
  return `${topic}-value`;
}

/** Finds or registers the schema of each topic, and keeps what was compiled from it while it is needed. */
export class TopicSchemas<T> {
  readonly #options: TopicSchemasOptions<T>;
  readonly #loaded = new Map<string, Loaded<T>>();
  readonly #refused = new Map<string, { fault: TypeFault; untilMs: number }>();

  constructor(options: TopicSchemasOptions<T>) {
    this.#options = options;
  }

  /** Rejects as `Encoder.prepare` does. */
  async prepare(
    type: string,
    topic: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#options;
    const fields = this.#fieldsOf(type);
    const loaded = this.#loaded.get(topic);
    if (loaded?.fields === fields && !this.#isDue(loaded)) return;
    const known = this.#refused.get(topic);
    if (known !== undefined && known.untilMs > clock.monotonicMs())
      throw known.fault;
    try {
      this.#loaded.set(topic, await this.#load(type, topic, signal));
      this.#refused.delete(topic);
    } catch (error) {
      if (error instanceof TypeFault)
        this.#refused.set(topic, {
          fault: error,
          untilMs: clock.monotonicMs() + RECHECK_MS,
        });
      throw error;
    }
  }

  /** What a topic's values are written with. Throws a TypeFault before `prepare`. */
  of(topic: string): T {
    const loaded = this.#loaded.get(topic);
    if (loaded !== undefined) return loaded.compiled;
    throw new TypeFault({
      code: "schema-missing",
      reason: "the schema is not ready yet",
      remedy: "it is asked for again in the next session",
      subject: valueSubject(topic),
    });
  }

  /**
   * The fault of a record that does not fit its topic's schema. With an operator's schema the
   * record waits until there is another one, which `remedy` describes.
   */
  misfit(topic: string, reason: string, remedy: string): Error {
    if (this.#options.autoRegister) return new RecordFault("encode", reason);
    this.#loaded.delete(topic);
    return new TypeFault({
      code: "schema-misfit",
      reason,
      remedy: `register a schema ${remedy}`,
      subject: valueSubject(topic),
    });
  }

  #fieldsOf(type: string): CustomFieldList | null {
    const { columns = null, topicPerType } = this.#options;
    return topicPerType ? (columns?.customFields.of(type) ?? null) : null;
  }

  #isDue({ betterAtMs }: Loaded<T>): boolean {
    return (
      betterAtMs !== null && betterAtMs <= this.#options.clock.monotonicMs()
    );
  }

  async #load(
    type: string,
    topic: string,
    signal: AbortSignal,
  ): Promise<Loaded<T>> {
    const { autoRegister, columns = null, clock } = this.#options;
    const subject = valueSubject(topic);
    const fields = this.#fieldsOf(type);
    if (!autoRegister) {
      const schema = await this.#latest(subject, signal);
      return this.#compileForeign(subject, {
        schema,
        fields,
        betterAtMs: null,
      });
    }
    let before = this.#loaded.get(topic)?.schema ?? null;
    try {
      before = (await this.#registered(subject, signal)) ?? before;
      const schema = await this.#register(type, subject, before, signal);
      const compiled = await this.#options.compile(schema, fields);
      columns?.schemaKept(subject, null);
      return { schema, compiled, fields, betterAtMs: null };
    } catch (error) {
      const why = keptCause(error, subject);
      if (before === null || why === null || !(await this.#isUsable(before)))
        throw error;
      columns?.schemaKept(subject, why);
      const betterAtMs = clock.monotonicMs() + KEPT_RECHECK_MS;
      const kept = { schema: before, fields, betterAtMs };
      return this.#compileForeign(subject, kept);
    }
  }

  /** Whether values can go on with a registered schema when its next version can't be had. */
  async #isUsable({ text }: RegisteredSchema): Promise<boolean> {
    const { columns = null, schemas, shape } = this.#options;
    return columns !== null && (await schemas.columns.isOne(text, shape));
  }

  async #compileForeign(
    subject: string,
    loaded: Omit<Loaded<T>, "compiled">,
  ): Promise<Loaded<T>> {
    const { compile, schemas } = this.#options;
    const { schema, fields } = loaded;
    try {
      return { ...loaded, compiled: await compile(schema, fields) };
    } catch (cause) {
      throw unusableFault(subject, schema, schemas, cause);
    }
  }

  async #register(
    type: string,
    subject: string,
    latest: RegisteredSchema | null,
    signal: AbortSignal,
  ): Promise<RegisteredSchema> {
    const {
      registry,
      schemas,
      shape,
      topicPerType,
      columns = null,
    } = this.#options;
    const own = topicPerType ? type : null;
    const needed = { schemas, shape, type: own, columns };
    const schema = await neededSchema(needed, latest);
    const id = await registry.register(subject, schema, signal);
    return { id, ...schema };
  }

  /**
   * The newest schema of a subject. A registry may take schemas of two kinds under one subject, and
   * consumers of the first can't read the second.
   */
  async #registered(
    subject: string,
    signal: AbortSignal,
  ): Promise<RegisteredSchema | null> {
    const { registry, schemas, columns = null } = this.#options;
    const latest = await registry
      .latest(subject, signal)
      .catch((error: unknown) => {
        // Registering needs no right to read; only columns need the names of the schema before.
        signal.throwIfAborted();
        if (columns !== null) throw error;
        return null;
      });
    if (latest === null || latest.kind === schemas.kind) return latest;
    const remedy =
      "write to other topics (topics.pattern), or delete the subject";
    throw kindFault(subject, latest, schemas, remedy);
  }

  async #latest(
    subject: string,
    signal: AbortSignal,
  ): Promise<RegisteredSchema> {
    const { registry, schemas } = this.#options;
    const latest = await registry.latest(subject, signal);
    if (latest === null) throw missingFault(subject);
    if (latest.kind === schemas.kind) return latest;
    const remedy = `register a valid ${schemas.title}`;
    throw kindFault(subject, latest, schemas, remedy);
  }
}
