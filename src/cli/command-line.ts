import { shellWord } from "../lib/text/shell-word.ts";

/** A command for people to paste into a shell, which works with the configuration at hand. */
export function commandLine(
  words: readonly string[],
  configPath: string,
): string {
  const config = configPath === DEFAULT_CONFIG ? [] : ["--config", configPath];
  return ["sell-kafka", ...words, ...config].map(shellWord).join(" ");
}

export const DEFAULT_CONFIG = "connector.config.json";
