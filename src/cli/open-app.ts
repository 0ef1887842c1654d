import type { Logger } from "pino";
import { AppContext } from "../app/context/app-context.ts";
import type { Config } from "../config/definition/config.ts";
import { ClusterFile } from "../config/folder/cluster-file.ts";
import { ConfigFolder } from "../config/folder/config-folder.ts";
import { loadConfig } from "../config/load-config.ts";
import { createLogger, type LogLevel } from "../observe/log/logger.ts";
import {
  nextAcceptedConfigs,
  type AcceptedConfigs,
} from "../supervisor/accepted-configs.ts";
import type { ProcessContext } from "./process-context.ts";

// Loads most of the program: a command imports this file when it runs, not before.

export interface AppFlags {
  /** Path of the configuration file. */
  readonly config: string;
  readonly logLevel?: LogLevel | undefined;
}

/** What is logged when the flags name no level: what the configuration says, or only warnings and errors. */
export type Verbosity = "configured" | "quiet";

/** Opens the configuration that the flags name, for a command to work with. Rejects with a ConfigError. */
export async function openApp(
  flags: AppFlags,
  context: ProcessContext,
  verbosity: Verbosity,
): Promise<AppContext> {
  const config = await readConfig(flags.config, context);
  const logger = createAppLogger(flags, config, context, verbosity);
  return AppContext.fromConfig(config, { logger });
}

/** Reads a configuration file. Rejects with a ConfigError. */
export async function readConfig(
  file: string,
  { env }: Pick<ProcessContext, "env">,
): Promise<Config> {
  return loadConfig(file, env);
}

/** Creates the logger of one connector. */
export function createAppLogger(
  { logLevel }: Pick<AppFlags, "logLevel">,
  config: Config,
  { stderr }: ProcessContext,
  verbosity: Verbosity,
): Logger {
  const unlessFlagged = verbosity === "quiet" ? "warn" : config.log.level;
  return createLogger(logLevel ?? unlessFlagged, stderr).child({
    connector: config.name,
  });
}

/** Reads a folder of connectors. Rejects with a ConfigError when it, or its `cluster.json`, can't be used. */
export async function readFolder(
  path: string,
  { env }: Pick<ProcessContext, "env">,
): Promise<AcceptedConfigs> {
  await ClusterFile.read(path, env);
  return nextAcceptedConfigs(
    new Map(),
    await new ConfigFolder(path, env).look(),
  );
}
