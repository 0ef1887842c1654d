import type { Config } from "./definition/config.ts";
import type { Problem } from "./problem.ts";
import { paddedSecretsIn } from "./stray-characters.ts";
import { unencryptedIn } from "./unencrypted.ts";

/** What is allowed in a configuration, but worth a warning. */
export function doubtfulIn(config: Config): Problem[] {
  return [...unencryptedIn(config), ...paddedSecretsIn(config)];
}
