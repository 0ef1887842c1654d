import { dirname, resolve } from "node:path";
import { distance } from "fastest-levenshtein";
import {
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type ParseError,
} from "jsonc-parser";
import type { z } from "zod";
import {
  clusterDefinition,
  configDefinition,
  contradictionsIn,
  secretPaths,
  tlsDefinition,
  type ClusterConfig,
  type Config,
} from "./config.ts";
import { interpolate } from "./interpolate.ts";
import { ConfigError, type Problem } from "./problem.ts";
import { readText } from "./read-text.ts";
import { readTlsFiles } from "./tls-files.ts";

/** Reads and checks a configuration file. Rejects with a ConfigError that holds every problem. */
export async function loadConfig(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  read = readText,
): Promise<Config> {
  const path = resolve(file);
  return parseConfig(await textOf(path, read), path, env, read);
}

async function textOf(path: string, read: typeof readText): Promise<string> {
  try {
    return await read(path);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    const message = unreadable[code] ?? `the file can't be read (${code})`;
    throw new ConfigError(path, [{ path: "", message }]);
  }
}

const unreadable: Readonly<Record<string, string>> = {
  ENOENT:
    'there is no such file; name another with --config FILE, or write a first one with "sell-kafka init"',
  EISDIR:
    "it is a folder, which only run takes; name one of the files in it with --config FILE",
};

/** The same for the `cluster.json` of a folder. */
export async function loadClusterConfig(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ClusterConfig> {
  const text = await textOf(path, readText);
  const { data, kafkaTls } = await parse(clusterDefinition, text, path, env);
  return {
    group: data.group,
    kafka: { ...data.kafka, ssl: kafkaTls ?? false },
  };
}

/** Checks the text of a configuration, `path` being the file that it is for. Rejects as `loadConfig` does. */
export async function parseConfig(
  text: string,
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  read = readText,
): Promise<Config> {
  const { data, kafkaTls, registryTls } = await parse(
    configDefinition,
    text,
    path,
    env,
    read,
  );
  const { kafka, schemaRegistry, ...rest } = data;
  return {
    ...rest,
    kafka: { ...kafka, ssl: kafkaTls ?? false },
    ...(schemaRegistry !== undefined && {
      schemaRegistry: { ...schemaRegistry, ssl: registryTls ?? undefined },
    }),
  };
}

async function parse<T>(
  definition: z.ZodType<T>,
  text: string,
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  read = readText,
) {
  const json = jsonOf(text.replace(/^\u{FEFF}/u, ""), path);
  const filled = await interpolate(json, env, dirname(path), read);
  const missing = new Set(filled.problems.map((problem) => problem.path));
  const parsed = definition.safeParse(filled.value);
  const tlsOf = (place: readonly string[]) =>
    tlsAt(place, filled.value, dirname(path), read);
  const kafkaTls = await tlsOf(["kafka", "ssl"]);
  const registryTls = await tlsOf(["schemaRegistry", "ssl"]);
  const problems = [
    ...filled.problems,
    ...[...kafkaTls.problems, ...registryTls.problems].filter(
      (problem) => !missing.has(problem.path),
    ),
  ];
  if (!parsed.success) {
    const root = { definition, value: filled.value };
    for (const issue of parsed.error.issues)
      problems.push(
        ...problemsOf(issue, root, filled.filledPaths).filter(
          (problem) => !missing.has(problem.path),
        ),
      );
  }
  problems.push(...contradictionsIn(filled.value));
  if (problems.length > 0 || !parsed.success)
    throw new ConfigError(path, problems);
  return {
    data: parsed.data,
    kafkaTls: kafkaTls.tls,
    registryTls: registryTls.tls,
  };
}

/** A configuration as it is, and as it should be. */
interface Root {
  readonly definition: z.ZodType;
  readonly value: unknown;
}

/** The files of the TLS settings at a path, where they are settings at all; null without TLS. */
async function tlsAt(
  path: readonly string[],
  root: unknown,
  folder: string,
  read: typeof readText,
): ReturnType<typeof readTlsFiles> {
  const value = valueAt(root, path);
  const files = tlsDefinition.safeParse(value === true ? {} : value);
  return files.success
    ? readTlsFiles(files.data, pathText(path), folder, read)
    : { tls: null, problems: [] };
}

function problemsOf(
  issue: z.core.$ZodIssue,
  root: Root,
  filledPaths: ReadonlySet<string>,
): Problem[] {
  const path = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(root, issue.path);
    return issue.keys.map((key) => ({
      path: path === "" ? key : `${path}.${key}`,
      message: `is not a known key${nearest(key, known)}; known here: ${known.join(", ")}`,
    }));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const closest = issue.errors.reduce((best, errors) =>
      errors.length <= best.length ? errors : best,
    );
    return closest.flatMap((inner) =>
      problemsOf(
        { ...inner, path: [...issue.path, ...inner.path] },
        root,
        filledPaths,
      ),
    );
  }
  const value = valueAt(root.value, issue.path);
  if (value === undefined && issue.code === "invalid_type")
    return [
      {
        path,
        message: `is required${requiredIn(root, issue.path)}`,
      },
    ];
  const isSecret =
    filledPaths.has(path) ||
    secretPaths.some((secret) => secret.startsWith(path));
  const found =
    value === undefined || path === ""
      ? ""
      : `, but is ${isSecret ? hiddenText(value) : excerpt(value)}`;
  return [
    {
      path,
      message: `${issue.message.replace(/^Invalid (input|option): /, "").replace(/, received \w+$/, "")}${found}`,
    },
  ];
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step) =>
      typeof step === "number" ? `[${step}]` : `.${String(step)}`,
    )
    .join("")
    .replace(/^\./, "");
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined,
    root,
  );
}

function hiddenText(value: unknown): string {
  return typeof value === "string"
    ? `${value.length} characters (not shown)`
    : `${typeof value === "object" ? "an" : "a"} ${typeof value} (not shown)`;
}

/** Only plain values are shown: an object may hold secrets deeper down, and an address credentials. */
function excerpt(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value).replace(/\/\/[^/@]*@/, "//…@");
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function nearest(key: string, known: readonly string[]): string {
  const [best] = known
    .map((name) => ({
      name,
      edits: distance(key.toLowerCase(), name.toLowerCase()),
    }))
    .sort((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= Math.max(2, key.length / 3)
    ? `; did you mean ${best.name}?`
    : "";
}

/** Says which keys an object that is missing must have. */
function requiredIn(root: Root, path: readonly PropertyKey[]): string {
  const keys = typesAt(root, path)
    .flatMap((type) => Object.entries(shapeOf(type)))
    .filter(([, type]) => !(type as z.ZodType).safeParse(undefined).success)
    .map(([key]) => key);
  return keys.length === 0 ? "" : `, with ${keys.join(" and ")} in it`;
}

/** The keys that the definition knows at a path. */
function keysAt(root: Root, path: readonly PropertyKey[]): string[] {
  return [
    ...new Set(
      typesAt(root, path).flatMap((type) => Object.keys(shapeOf(type))),
    ),
  ].filter((key) => key !== "$schema");
}

function typesAt(
  { definition }: Root,
  path: readonly PropertyKey[],
): unknown[] {
  let types: unknown[] = [definition];
  for (const step of path)
    types = types
      .flatMap((type) => Object.entries(shapeOf(type)))
      .filter(([name]) => name === step)
      .map(([, type]) => type);
  return types;
}

function shapeOf(type: unknown): Record<string, unknown> {
  const { def } = type as {
    def: {
      shape?: Record<string, unknown>;
      innerType?: unknown;
      options?: unknown[];
    };
  };
  if (def.shape !== undefined) return def.shape;
  if (def.innerType !== undefined) return shapeOf(def.innerType);
  return Object.assign({}, ...(def.options ?? []).map(shapeOf)) as Record<
    string,
    unknown
  >;
}

/** JSON, in which comments and commas after the last element are allowed. */
function jsonOf(text: string, path: string): unknown {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (tree !== undefined && first === undefined) return getNodeValue(tree);
  const before = text.slice(0, first?.offset ?? 0).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  const problem = first === undefined ? "" : printParseErrorCode(first.error);
  throw new ConfigError(path, [
    {
      path: "",
      message: `it is not JSON: ${problem} at line ${before.length}, column ${column}`,
    },
  ]);
}
