import { dirname, resolve } from "node:path";
import {
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type ParseError,
} from "jsonc-parser";
import type { z } from "zod";
import { proxiesOf, unusableProxiesIn } from "../security/proxies.ts";
import type { TlsOptions } from "../security/tls-options.ts";
import { pathText, valueAt } from "./config-path.ts";
import { contradictionsIn } from "./contradictions.ts";
import { clusterDefinition, type ClusterConfig } from "./definition/cluster.ts";
import { configDefinition, type Config } from "./definition/config.ts";
import { tls } from "./definition/tls.ts";
import { explainIssue } from "./explain-issue.ts";
import { interpolate, type Interpolated } from "./interpolate.ts";
import { ConfigError, type Problem } from "./problem.ts";
import { readText, type ReadText } from "./read-files.ts";
import { strayCharactersIn } from "./stray-characters.ts";
import { readTlsFiles } from "./tls-files.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks a configuration file; nothing in the process changes. Rejects with a ConfigError
 * that holds every problem.
 */
export async function loadConfig(
  file: string,
  env: Environment,
  read = readText,
): Promise<Config> {
  const path = resolve(file);
  const text = await read(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return parseConfig(text, path, env, read);
}

/** Checks the text of a configuration, `path` being the file that it is for. Rejects as `loadConfig` does. */
export async function parseConfig(
  text: string,
  path: string,
  env: Environment,
  read = readText,
): Promise<Config> {
  const { data, kafkaTls, registryTls } = await parse(
    configDefinition,
    text,
    path,
    env,
    read,
  );
  const { sell, kafka, schemaRegistry, ...rest } = data;
  const proxies = proxiesOf(env);
  return {
    ...rest,
    sell: { ...sell, proxies },
    kafka: withConnection(kafka, kafkaTls, env),
    ...(schemaRegistry !== undefined && {
      schemaRegistry: {
        ...schemaRegistry,
        ssl: registryTls ?? undefined,
        proxies,
      },
    }),
  };
}

/** Reads and checks the `cluster.json` of a folder, as `loadConfig` does; null when there is none. */
export async function loadClusterConfig(
  path: string,
  env: Environment,
  read = readText,
): Promise<ClusterConfig | null> {
  const text = await read(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw unreadable(path, error);
  });
  if (text === null) return null;
  const { data, kafkaTls } = await parse(
    clusterDefinition,
    text,
    path,
    env,
    read,
  );
  const { group, kafka } = data;
  return { group, kafka: withConnection(kafka, kafkaTls, env) };
}

function unreadable(path: string, error: unknown): ConfigError {
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  const message = adviceFor[code] ?? `the file can't be read (${code})`;
  return new ConfigError(path, [{ path: "", message }]);
}

const adviceFor: Readonly<Record<string, string>> = {
  ENOENT:
    'there is no such file; name another with --config FILE, or write a first one with "sell-kafka init"',
  EISDIR:
    "it is a folder, which only run, check and status take; name one of the files in it with --config FILE",
};

/** Of Kafka, only what issues tokens or credentials may be behind a proxy: brokers do not speak HTTP. */
function withConnection(
  { sasl, ...kafka }: z.output<typeof clusterDefinition>["kafka"],
  tls: TlsOptions | null,
  env: Environment,
): Config["kafka"] {
  const fromOutside = {
    proxies: proxiesOf(env),
    environment: sasl?.mechanism === "aws-msk-iam" ? awsIn(env) : {},
  };
  return {
    ...kafka,
    ssl: tls ?? false,
    ...(sasl && { sasl: { ...sasl, ...fromOutside } }),
  };
}

/** The variables of AWS that hold something. */
function awsIn(env: Environment): Readonly<Record<string, string>> {
  const entries = Object.entries(env)
    .filter(([name]) => name.startsWith("AWS_"))
    .map(([name, value = ""]) => [name, value.trim()] as const)
    .filter(([, value]) => value !== "");
  return Object.fromEntries(entries);
}

async function parse<T>(
  definition: z.ZodType<T>,
  text: string,
  path: string,
  env: Environment,
  read: ReadText,
) {
  const json = parseJson(text.replace(/^\u{FEFF}/u, ""), path);
  const folder = dirname(path);
  const filled = await interpolate(json, definition, { env, folder, read });
  const { value } = filled;
  const kafkaTls = await tlsAt(["kafka", "ssl"], filled, folder, read);
  const registryTls = await tlsAt(
    ["schemaRegistry", "ssl"],
    filled,
    folder,
    read,
  );
  const parsed = definition.safeParse(value);
  const issues = parsed.success ? [] : parsed.error.issues;
  const problems = [
    ...withoutRepetition(
      [...filled.problems, ...strayCharactersIn(value)],
      [
        ...kafkaTls.problems,
        ...registryTls.problems,
        ...issues.flatMap((issue) =>
          explainIssue(issue, { ...filled, definition }),
        ),
      ],
    ),
    ...contradictionsIn(value),
    ...proxyProblemsIn(env),
  ];
  if (problems.length > 0 || !parsed.success)
    throw new ConfigError(path, problems);
  return {
    data: parsed.data,
    kafkaTls: kafkaTls.tls,
    registryTls: registryTls.tls,
  };
}

/** The first problems, and those of the others that are at other keys: a text that could not be filled in is wrong in any case. */
function withoutRepetition(
  first: readonly Problem[],
  others: readonly Problem[],
): Problem[] {
  const paths = new Set(first.map(({ path }) => path));
  return [...first, ...others.filter(({ path }) => !paths.has(path))];
}

function proxyProblemsIn(env: Environment): Problem[] {
  return unusableProxiesIn(env).map((variable) => ({
    path: variable,
    message:
      "in the environment must be the http:// or https:// address of a proxy, such as http://proxy.example:3128",
  }));
}

/** The files of the TLS settings at a path; null without TLS, or where the settings are wrong. */
async function tlsAt(
  path: readonly string[],
  { value: root, filledPaths }: Interpolated,
  folder: string,
  read: ReadText,
): ReturnType<typeof readTlsFiles> {
  const value = valueAt(root, path);
  const settings = tls.safeParse(value === true ? {} : value);
  if (!settings.success) return { tls: null, problems: [] };
  return readTlsFiles({
    setting: pathText(path),
    settings: settings.data,
    folder,
    read,
    filledPaths,
  });
}

/** Parses JSON in which comments, and commas after the last element, are allowed. */
function parseJson(text: string, path: string): unknown {
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
