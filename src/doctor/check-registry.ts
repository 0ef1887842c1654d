import type { Config } from "../config/definition/config.ts";
import type { RegistryAnswer } from "../format/schema-registry/registry-http.ts";
import { Registry } from "../format/schema-registry/registry.ts";
import { envelopes } from "../format/envelopes/envelopes.ts";
import { typesWithSchema } from "../format/schema-files.ts";
import type { Schema } from "../format/schema-registry/schema.ts";
import { valueSubject } from "../format/schema-registry/topic-schemas.ts";
import type { SchemaSet } from "../format/value-format.ts";
import { schemasOf } from "../format/value-formats.ts";
import { isObject } from "../json/parsed.ts";
import { someOf, type Finding } from "./topic-findings.ts";
import { routerOf } from "../app/parts.ts";
import { RecordFault } from "../domain/faults.ts";
import { reason, within } from "./check-patience.ts";
import type { Findings } from "../cli/findings.ts";

/** A subject that a run may need, and the schema that it would register. */
interface Wanted {
  readonly subject: string;
  readonly schema: Schema;
}

/** How a wanted schema stands in the registry. */
type State = "registered" | "unregistered" | "incompatible" | "uncompared";

const PARALLEL = 4;

/** Whether the registry is one, and has or may take what a run needs. Registers nothing. */
export async function checkRegistry(
  config: Config,
  report: Findings["report"],
  stopping: AbortSignal,
): Promise<void> {
  const { schemaRegistry, format } = config;
  if (schemaRegistry === undefined) return;
  const what = `schema registry at ${schemaRegistry.url}`;
  const signal = within(stopping);
  const registry = new Registry(schemaRegistry);
  try {
    const answer = await registry.ask("/subjects", null, signal);
    const subjects = subjectsIn(answer);
    const schemas = schemasOf(format.value);
    const isRegistry =
      subjects !== null &&
      (schemas === null || (await hasSettings(registry, signal)));
    if (!isRegistry) {
      const answered =
        subjects === null
          ? `GET /subjects is answered ${answer.status}${answer.status === 200 ? " with something other than a list of subjects" : ""}`
          : "GET /config is answered 200 with something other than a compatibility level";
      const message = `this is no schema registry: ${answered}; set schemaRegistry.url to the address of its API, path and all (Confluent's has no path, Apicurio's ends with /apis/ccompat/v7)`;
      await report({ status: "failed", what, message });
      return;
    }
    const unused =
      schemas === null
        ? `; format.value is ${format.value}, so it is not used`
        : "";
    const message = `was reached; it has ${subjects.length} subjects${unused}`;
    await report({ status: "ok", what, message });
    if (schemas === null) return;
    const wanted = wantedOf(config, schemas);
    const findings = schemaRegistry.autoRegister
      ? await registering(registry, wanted, subjects, signal)
      : await registered(registry, wanted, subjects, signal);
    for (const finding of findings) await report(finding);
  } catch (error) {
    await report({
      status: "failed",
      what,
      message: reason(error, registry.via),
    });
  }
}

/** Whether the registry tells its compatibility level, or at least nothing else in its place. */
async function hasSettings(
  registry: Registry,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { status, json } = await registry.ask("/config", null, signal);
    const isLevel =
      isObject(json) &&
      [json["compatibilityLevel"], json["compatibility"]].some(
        (level) => typeof level === "string",
      );
    return status !== 200 || isLevel;
  } catch (error) {
    signal.throwIfAborted();
    // The right to read it is one that a run does not need.
    if (error instanceof Error) return true;
    throw error;
  }
}

function subjectsIn({ status, json }: RegistryAnswer): string[] | null {
  const isList =
    status === 200 &&
    Array.isArray(json) &&
    json.every((one) => typeof one === "string");
  return isList ? json : null;
}

/** The schemas of the types that are known, or the one of all types. */
function wantedOf(config: Config, schemas: SchemaSet): Wanted[] {
  const { format, topics } = config;
  const { shape } = envelopes[format.envelope];
  const { kind } = schemas;
  const router = routerOf(config);
  if (!topics.pattern.includes("{type}"))
    return [
      {
        subject: valueSubject(router.nameOf("")),
        schema: { kind, text: schemas.text(null, shape) },
      },
    ];
  return typesWithSchema().flatMap((type) => {
    try {
      const subject = valueSubject(router.topic(type));
      return [{ subject, schema: { kind, text: schemas.text(type, shape) } }];
    } catch (error) {
      if (error instanceof RecordFault) return [];
      throw error;
    }
  });
}

const what = "schemas";

/** With `autoRegister` false: whether there is a schema for each type, and can be read. */
async function registered(
  registry: Registry,
  wanted: readonly Wanted[],
  subjects: readonly string[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const isThere = await each(wanted, async ({ subject }) => {
    if (!subjects.includes(subject)) return false;
    const latest = await registry.latest(subject, signal);
    return typeof latest?.id === "number" && typeof latest.text === "string";
  });
  const missing = wanted.filter((_, at) => isThere[at] !== true);
  if (missing.length === 0)
    return [
      { status: "ok", what, message: `all ${wanted.length} are registered` },
    ];
  const names = someOf(missing.map(({ subject }) => subject));
  return [
    {
      status: missing.length === wanted.length ? "failed" : "warning",
      what,
      message: `${missing.length} of ${wanted.length} subjects have none (${names}), and schemaRegistry.autoRegister is false: records of these types would be deferred. Register them ("sell-kafka schemas" shows them), or set autoRegister to true`,
    },
  ];
}

/** With `autoRegister` true: whether the schemas could be registered, as far as that shows without registering them. */
async function registering(
  registry: Registry,
  wanted: readonly Wanted[],
  subjects: readonly string[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const states = await each(wanted, (one) =>
    subjects.includes(one.subject)
      ? stateOf(registry, one, signal)
      : Promise.resolve<State>("unregistered"),
  );
  const inState = (state: State) =>
    wanted.filter((_, at) => states[at] === state);
  const open = wanted.filter((_, at) =>
    ["unregistered", "uncompared"].includes(states[at] ?? ""),
  );
  const refused = inState("incompatible");
  const findings: Finding[] = [];
  if (refused.length > 0)
    findings.push({
      status: "failed",
      what,
      message: `${refused.length} would be refused as incompatible (${someOf(refused.map(({ subject }) => subject))}): records of these types would be deferred. Change the subjects' compatibility, or register schemas yourself with schemaRegistry.autoRegister false`,
    });
  const uncompared = inState("uncompared");
  if (uncompared.length > 0)
    findings.push({
      status: "warning",
      what,
      message: `whether ${uncompared.length} are compatible with what is registered is untried (${someOf(uncompared.map(({ subject }) => subject))}): the registry does not compare them. Look at the newest schema of these subjects`,
    });
  const mode = await modeOf(registry, signal);
  const isClosed = mode !== null && mode !== "READWRITE";
  const done = inState("registered").length;
  if (isClosed)
    findings.push({
      status: open.length > 0 ? "failed" : "warning",
      what,
      message: `can't be registered: the registry's mode is ${mode}, and ${open.length} of ${wanted.length} are missing. Set the mode to READWRITE, or register them elsewhere and set schemaRegistry.autoRegister to false`,
    });
  else
    findings.push({
      status: "ok",
      what,
      message: `${done} of ${wanted.length} are registered${open.length > 0 ? "; the others are once they are needed, and whether this user may register them is untried" : ""}`,
    });
  return findings;
}

/** A look-up and a comparison: neither registers anything. */
async function stateOf(
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
  // Nothing is registered under the subject any more.
  if (status === 404) return "unregistered";
  const isCompatible =
    status === 200 && isObject(json) ? json["is_compatible"] : undefined;
  if (isCompatible === false) return "incompatible";
  return isCompatible === true ? "unregistered" : "uncompared";
}

/** Such as `READWRITE`, in which alone schemas get their ids; null when the registry does not tell. */
async function modeOf(
  registry: Registry,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const { status, json } = await registry.ask("/mode", null, signal);
    const mode = status === 200 && isObject(json) ? json["mode"] : undefined;
    return typeof mode === "string" ? mode.toUpperCase() : null;
  } catch (error) {
    signal.throwIfAborted();
    // The right to read it is one that a run does not need.
    if (error instanceof Error) return null;
    throw error;
  }
}

/** Asks a few at a time; the answers are in the order of the list. */
async function each<T, R>(
  list: readonly T[],
  ask: (one: T) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = [];
  for (let at = 0; at < list.length; at += PARALLEL)
    answers.push(
      ...(await Promise.all(list.slice(at, at + PARALLEL).map(ask))),
    );
  return answers;
}
