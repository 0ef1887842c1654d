/** A command for people to paste into a shell, which works with the configuration at hand. */
export function commandLine(
  words: readonly string[],
  configPath: string,
): string {
  const config = configPath === DEFAULT_CONFIG ? [] : ["--config", configPath];
  return ["sell-kafka", ...words, ...config].map(quoted).join(" ");
}

export const DEFAULT_CONFIG = "connector.config.json";

/** Quotes what a shell would take for more than a word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./…-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
