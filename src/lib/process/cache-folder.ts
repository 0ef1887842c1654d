import { homedir } from "node:os";
import { join } from "node:path";

/** Returns the folder outside the repository that keeps what can be made or downloaded again. */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>>,
): string {
  const root = env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return env["SELL_KAFKA_CACHE"] ?? join(root, "sell-kafka");
}
