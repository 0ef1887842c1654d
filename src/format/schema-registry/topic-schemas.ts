import type { Cause } from "../../domain/cause.ts";
import { RecordFault, TypeFault } from "../../domain/faults.ts";
import type { Clock } from "../../lib/clock.ts";
import type { RegisteredWriterOptions, SchemaSet } from "../value-format.ts";
import type { RegisteredSchema } from "./schema.ts";

export interface TopicSchemasOptions<T> extends Pick<
  RegisteredWriterOptions,
  "registry" | "autoRegister" | "shape" | "topicPerType"
> {
  readonly clock: Clock;
  readonly schemas: SchemaSet;
  /** Makes of a schema what values are written with. Throws for one that it can't use. */
  readonly compile: (schema: RegisteredSchema) => T | Promise<T>;
}

/** A schema that was refused is not asked for again within this time. */
const RECHECK_MS = 10_000;

/** The subject under which the schema of a topic's values is registered. */
export function valueSubject(topic: string): string {
  return `${topic}-value`;
}

/** Finds or registers the schema of each topic, once, and keeps what was compiled from it. */
export class TopicSchemas<T> {
  readonly #options: TopicSchemasOptions<T>;
  readonly #compiled = new Map<string, T>();
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
    if (this.#compiled.has(topic)) return;
    const { clock } = this.#options;
    const known = this.#refused.get(topic);
    if (known !== undefined && known.untilMs > clock.monotonicMs())
      throw known.fault;
    try {
      this.#compiled.set(topic, await this.#load(type, topic, signal));
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
    const compiled = this.#compiled.get(topic);
    if (compiled === undefined)
      throw new TypeFault({
        code: "schema-missing",
        reason: "the schema is not ready yet",
        remedy: "it is asked for again in the next session",
        subject: valueSubject(topic),
      });
    return compiled;
  }

  /**
   * The fault of a record that does not fit its topic's schema. With an operator's schema the
   * record waits until there is another one, which `remedy` describes.
   */
  misfit(topic: string, reason: string, remedy: string): Error {
    if (this.#options.autoRegister) return new RecordFault("encode", reason);
    this.#compiled.delete(topic);
    return new TypeFault({
      code: "schema-misfit",
      reason,
      remedy: `register a schema ${remedy}`,
      subject: valueSubject(topic),
    });
  }

  async #load(type: string, topic: string, signal: AbortSignal): Promise<T> {
    const { autoRegister, registry, schemas, shape, topicPerType, compile } =
      this.#options;
    const subject = valueSubject(topic);
    if (!autoRegister) return this.#loadLatest(subject, signal);
    const { kind } = schemas;
    await this.#refuseOtherKind(subject, signal);
    const text = schemas.text(topicPerType ? type : null, shape);
    const id = await registry.register(subject, { kind, text }, signal);
    return compile({ id, kind, text });
  }

  /** A registry may take schemas of two kinds under one subject, and consumers of the first can't read the second. */
  async #refuseOtherKind(subject: string, signal: AbortSignal): Promise<void> {
    const { registry, schemas } = this.#options;
    const latest = await registry.latest(subject, signal).catch(() => {
      // Registering needs no right to read, and fails by itself when the registry is away.
      signal.throwIfAborted();
      return null;
    });
    if (latest === null || latest.kind === schemas.kind) return;
    throw new TypeFault({
      ...otherKind(subject, latest, schemas),
      remedy: "write to other topics (topics.pattern), or delete the subject",
    });
  }

  async #loadLatest(subject: string, signal: AbortSignal): Promise<T> {
    const { registry, schemas, compile } = this.#options;
    const latest = await registry.latest(subject, signal);
    if (latest === null)
      throw new TypeFault({
        code: "schema-missing",
        reason:
          "the schema registry has no schema for the subject, and schemaRegistry.autoRegister is false",
        remedy:
          'register one ("sell-kafka schemas" shows it), or set autoRegister to true',
        subject,
      });
    if (latest.kind !== schemas.kind)
      throw new TypeFault({
        ...otherKind(subject, latest, schemas),
        remedy: `register a valid ${schemas.title}`,
      });
    try {
      return await compile(latest);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TypeFault(
        {
          code: "schema-unusable",
          variant: "invalid",
          reason: `the registered schema ${latest.id} can't be used: ${reason.slice(0, 200)}`,
          remedy: `register a valid ${schemas.title}`,
          subject,
        },
        { cause },
      );
    }
  }
}

function otherKind(
  subject: string,
  latest: RegisteredSchema,
  { kind }: SchemaSet,
): Omit<Cause, "remedy"> {
  return {
    code: "schema-unusable",
    variant: "kind",
    reason: `the newest schema of the subject is of the kind ${latest.kind}, and format.value needs ${kind}`,
    subject,
  };
}
