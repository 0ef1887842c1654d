import type { AppContext } from "../app/context/app-context.ts";
import type { RegistryAnswer } from "../format/schema-registry/registry-http.ts";
import type { ColumnsLayout } from "../format/value-format.ts";
import type { Registry } from "../format/schema-registry/registry.ts";
import { needsRegistry } from "../format/value-formats.ts";
import { isObject } from "../json/parsed.ts";
import { checkSchemas } from "./check-schemas.ts";
import { failed, ok, type Finding, type Report } from "./finding.ts";
import { failureReason, withinLimit } from "./time-limit.ts";

/** Checks that the registry is one, and has or accepts the schemas that a run needs. Registers nothing. */
export async function checkRegistry(
  app: AppContext,
  report: Report,
  stopping: AbortSignal,
  columns: ColumnsLayout | null = null,
): Promise<void> {
  const { registry } = app;
  const { schemaRegistry, format } = app.config;
  if (registry === null || schemaRegistry === undefined) return;
  const what = `schema registry at ${schemaRegistry.url}`;
  const isUsed = needsRegistry(format.value);
  const signal = withinLimit(stopping);
  try {
    const answer = await registry.ask("/subjects", null, signal);
    const subjects = subjectsIn(answer);
    if (subjects === null) {
      await report(noRegistry(what, subjectsAnswer(answer)));
      return;
    }
    if (isUsed && !(await hasConfig(registry, signal))) {
      await report(
        noRegistry(
          what,
          "GET /config is answered 200 with something other than a compatibility level",
        ),
      );
      return;
    }
    const unused = isUsed
      ? ""
      : `; format.value is ${format.value}, so it is not used`;
    await report(
      ok(what, `was reached; it has ${subjects.length} subjects${unused}`),
    );
    if (!isUsed) return;
    const { autoRegister } = schemaRegistry;
    for (const finding of await checkSchemas(
      { app, columns, registry, subjects, autoRegister },
      signal,
    ))
      await report(finding);
  } catch (error) {
    await report(failed(what, failureReason(error, registry.via)));
  }
}

/** Null when the answer is no registry's. */
function subjectsIn({ status, json }: RegistryAnswer): string[] | null {
  const isList =
    status === 200 &&
    Array.isArray(json) &&
    json.every((one) => typeof one === "string");
  return isList ? json : null;
}

function subjectsAnswer({ status }: RegistryAnswer): string {
  const other =
    status === 200 ? " with something other than a list of subjects" : "";
  return `GET /subjects is answered ${status}${other}`;
}

function noRegistry(what: string, answered: string): Finding {
  return failed(
    what,
    `this is no schema registry: ${answered}; set schemaRegistry.url to the address of its API, path and all (Confluent's has no path, Apicurio's ends with /apis/ccompat/v7)`,
  );
}

/** False when the server answers with something other than a registry's compatibility level. */
async function hasConfig(
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
    // A run does not need the right to read it.
    if (error instanceof Error) return true;
    throw error;
  }
}
