import type { AppContext } from "../app/context/app-context.ts";
import { RecordFault } from "../domain/faults.ts";
import { envelopes } from "../format/envelopes/envelopes.ts";
import { typesWithSchema } from "../format/schema-files.ts";
import type { Schema } from "../format/schema-registry/schema.ts";
import { valueSubject } from "../format/schema-registry/topic-schemas.ts";
import { neededSchema } from "../format/schema-registry/needed-schema.ts";
import type { ColumnsLayout } from "../format/value-format.ts";
import { schemasOf } from "../format/value-formats.ts";
import type { Registry } from "../format/schema-registry/registry.ts";
import { isObject } from "../json/parsed.ts";
import { inParallel } from "../lib/in-parallel.ts";
import { failed, ok, someOf, warning, type Finding } from "./finding.ts";

/** A registry that was reached, and the context of the connector that uses it. */
export interface ReachedRegistry {
  readonly app: AppContext;
  /** Null for the nested layout. */
  readonly columns: ColumnsLayout | null;
  readonly registry: Registry;
  /** The subjects that the registry has. */
  readonly subjects: readonly string[];
  readonly autoRegister: boolean;
}

/** A subject that a run may need, and the schema that it would register. */
interface Wanted {
  readonly subject: string;
  readonly schema: Schema;
}

const what = "schemas";

/** Checks that the schemas of a run are registered, or could be. Registers nothing. */
export async function checkSchemas(
  reached: ReachedRegistry,
  signal: AbortSignal,
): Promise<Finding[]> {
  const wanted = await wantedSchemas(reached, signal);
  return reached.autoRegister
    ? checkRegistrable(reached, wanted, signal)
    : checkRegistered(reached, wanted, signal);
}

/** The schemas of the known types, or of the one topic for all types. */
async function wantedSchemas(
  { app: { config, router }, columns, registry, subjects }: ReachedRegistry,
  signal: AbortSignal,
): Promise<Wanted[]> {
  const { format } = config;
  const { shape } = envelopes[format.envelope];
  const schemas = schemasOf(format.value);
  if (schemas === null) return [];
  const wanted = async (type: string | null, subject: string) => {
    const needed = { schemas, shape, type, columns };
    const latest =
      columns !== null && subjects.includes(subject)
        ? await registry.latest(subject, signal)
        : null;
    return { subject, schema: await neededSchema(needed, latest) };
  };
  if (!router.hasTopicPerType)
    return [await wanted(null, valueSubject(router.topicFor("")))];
  const legal = typesWithSchema().flatMap((type) => {
    try {
      return [{ type, subject: valueSubject(router.legalTopic(type)) }];
    } catch (error) {
      if (error instanceof RecordFault) return [];
      throw error;
    }
  });
  return inParallel(legal, ({ type, subject }) => wanted(type, subject));
}

/** Without `autoRegister`: checks that each subject has a schema that can be read. */
async function checkRegistered(
  { registry, subjects }: ReachedRegistry,
  wanted: readonly Wanted[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const isThere = await inParallel(wanted, async ({ subject }) => {
    if (!subjects.includes(subject)) return false;
    const latest = await registry.latest(subject, signal);
    return typeof latest?.id === "number" && typeof latest.text === "string";
  });
  const missing = wanted.filter((_, at) => isThere[at] !== true);
  if (missing.length === 0)
    return [ok(what, `all ${wanted.length} are registered`)];
  const report = missing.length === wanted.length ? failed : warning;
  return [
    report(
      what,
      `${missing.length} of ${wanted.length} subjects have none (${namesOf(missing)}), and schemaRegistry.autoRegister is false: records of these types would be deferred. Register them ("sell-kafka schemas" shows them), or set autoRegister to true`,
    ),
  ];
}

/** With `autoRegister`: checks that the schemas can be registered, as far as that shows without registering them. */
async function checkRegistrable(
  { registry, subjects }: ReachedRegistry,
  wanted: readonly Wanted[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const states = await inParallel(wanted, (one) =>
    subjects.includes(one.subject)
      ? compare(registry, one, signal)
      : Promise.resolve<State>("unregistered"),
  );
  const inState = (state: State) =>
    wanted.filter((_, at) => states[at] === state);
  const uncompared = inState("uncompared");
  const registered = inState("registered").length;
  const missing = inState("unregistered").length + uncompared.length;
  const mode = await readMode(registry, signal);
  return [
    ...checkCompatible(inState("incompatible")),
    ...checkCompared(uncompared),
    checkMode(mode, missing, registered, wanted.length),
  ];
}

function checkMode(
  mode: string | null,
  missing: number,
  registered: number,
  wanted: number,
): Finding {
  if (mode !== null && mode !== "READWRITE") {
    const report = missing > 0 ? failed : warning;
    return report(
      what,
      `can't be registered: the registry's mode is ${mode}, and ${missing} of ${wanted} are missing. Set the mode to READWRITE, or register them elsewhere and set schemaRegistry.autoRegister to false`,
    );
  }
  const others =
    missing > 0
      ? "; the others are once they are needed, and whether this user may register them is untried"
      : "";
  return ok(what, `${registered} of ${wanted} are registered${others}`);
}

function checkCompatible(refused: readonly Wanted[]): Finding[] {
  if (refused.length === 0) return [];
  return [
    failed(
      what,
      `${refused.length} would be refused as incompatible (${namesOf(refused)}): records of these types would be deferred. Change the subjects' compatibility, or register schemas yourself with schemaRegistry.autoRegister false`,
    ),
  ];
}

function checkCompared(uncompared: readonly Wanted[]): Finding[] {
  if (uncompared.length === 0) return [];
  return [
    warning(
      what,
      `whether ${uncompared.length} are compatible with what is registered is untried (${namesOf(uncompared)}): the registry does not compare them. Look at the newest schema of these subjects`,
    ),
  ];
}

/** How a wanted schema relates to what the registry has. */
type State = "registered" | "unregistered" | "incompatible" | "uncompared";

/** Looks a schema up and compares it with the subject's newest one. */
async function compare(
  registry: Registry,
  { subject, schema }: Wanted,
  signal: AbortSignal,
): Promise<State> {
  const name = encodeURIComponent(subject);
  const body = { schema: schema.text, schemaType: schema.kind };
  const found = await registry.ask(`/subjects/${name}`, body, signal);
  if (found.status === 200 && isObject(found.json)) return "registered";
  const path = `/compatibility/subjects/${name}/versions/latest`;
  const { status, json } = await registry.ask(path, body, signal);
  // The subject has no schema any more.
  if (status === 404) return "unregistered";
  const isCompatible =
    status === 200 && isObject(json) ? json["is_compatible"] : undefined;
  if (isCompatible === false) return "incompatible";
  return isCompatible === true ? "unregistered" : "uncompared";
}

/** The registry's mode, such as `READWRITE`, the only one in which it takes schemas; null when it does not tell. */
async function readMode(
  registry: Registry,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const { status, json } = await registry.ask("/mode", null, signal);
    const mode = status === 200 && isObject(json) ? json["mode"] : undefined;
    return typeof mode === "string" ? mode.toUpperCase() : null;
  } catch (error) {
    signal.throwIfAborted();
    // A run does not need the right to read it.
    if (error instanceof Error) return null;
    throw error;
  }
}

function namesOf(wanted: readonly Wanted[]): string {
  return someOf(wanted.map(({ subject }) => subject));
}
