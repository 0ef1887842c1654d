import { dirname, resolve } from "node:path";
import {
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type ParseError,
} from "jsonc-parser";
import type { z } from "zod";
import {
  proxiesOf,
  unusableProxiesIn,
  type Proxies,
} from "../security/proxies.ts";
import type { TlsOptions } from "../security/tls-options.ts";
import {
  clusterDefinition,
  configDefinition,
  contradictionsIn,
  type ClusterConfig,
  type Config,
} from "./definition/config.ts";
import { pathText, valueAt } from "./config-path.ts";
import { withBrokersApart } from "./broker-list.ts";
import { interpolate, type Interpolated } from "./interpolate.ts";
import { problemsOf } from "./issue-problems.ts";
import { ConfigError } from "./problem.ts";
import { readText } from "./read-text.ts";
import { strayCharactersIn } from "./stray-characters.ts";
import { tlsDefinition } from "./definition/tls-definition.ts";
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
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): ConfigError {
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  const message = becauseOf[code] ?? `the file can't be read (${code})`;
  return new ConfigError(path, [{ path: "", message }]);
}

const becauseOf: Readonly<Record<string, string>> = {
  ENOENT:
    'there is no such file; name another with --config FILE, or write a first one with "sell-kafka init"',
  EISDIR:
    "it is a folder, which only run takes; name one of the files in it with --config FILE",
};

/** The same for the `cluster.json` of a folder; null when there is none. */
export async function loadClusterConfig(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
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
  return { group, kafka: kafkaBehind(kafka, kafkaTls, proxiesOf(env)) };
}

/** Only the token of a login may come through a proxy: brokers speak no HTTP. */
function kafkaBehind(
  { sasl, ...kafka }: z.output<typeof clusterDefinition>["kafka"],
  tls: TlsOptions | null,
  proxies: Proxies,
): Config["kafka"] {
  return {
    ...kafka,
    ssl: tls ?? false,
    ...(sasl && { sasl: { ...sasl, proxies } }),
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
  const { sell, kafka, schemaRegistry, ...rest } = data;
  const proxies = proxiesOf(env);
  return {
    ...rest,
    sell: { ...sell, proxies },
    kafka: kafkaBehind(kafka, kafkaTls, proxies),
    ...(schemaRegistry !== undefined && {
      schemaRegistry: {
        ...schemaRegistry,
        ssl: registryTls ?? undefined,
        proxies,
      },
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
  const filled = withBrokersApart(
    await interpolate(json, env, dirname(path), read),
  );
  const known = [...filled.problems, ...strayCharactersIn(filled.value)];
  const told = new Set(known.map((problem) => problem.path));
  const parsed = definition.safeParse(filled.value);
  const tlsOf = (place: readonly string[]) =>
    tlsAt(place, filled, dirname(path), read);
  const kafkaTls = await tlsOf(["kafka", "ssl"]);
  const registryTls = await tlsOf(["schemaRegistry", "ssl"]);
  const problems = [
    ...known,
    ...[...kafkaTls.problems, ...registryTls.problems].filter(
      (problem) => !told.has(problem.path),
    ),
  ];
  if (!parsed.success) {
    const root = { definition, value: filled.value };
    for (const issue of parsed.error.issues)
      problems.push(
        ...problemsOf(issue, root, filled.filledPaths).filter(
          (problem) => !told.has(problem.path),
        ),
      );
  }
  problems.push(...contradictionsIn(filled.value));
  for (const variable of unusableProxiesIn(env))
    problems.push({
      path: variable,
      message:
        "in the environment must be the http:// or https:// address of a proxy, such as http://proxy.example:3128",
    });
  if (problems.length > 0 || !parsed.success)
    throw new ConfigError(path, problems);
  return {
    data: parsed.data,
    kafkaTls: kafkaTls.tls,
    registryTls: registryTls.tls,
  };
}

/** The files of the TLS settings at a path, where they are settings at all; null without TLS. */
async function tlsAt(
  path: readonly string[],
  { value: root, filledPaths }: Interpolated,
  folder: string,
  read: typeof readText,
): ReturnType<typeof readTlsFiles> {
  const value = valueAt(root, path);
  const files = tlsDefinition.safeParse(value === true ? {} : value);
  return files.success
    ? readTlsFiles(files.data, pathText(path), folder, read, filledPaths)
    : { tls: null, problems: [] };
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
