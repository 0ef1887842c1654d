import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A configuration file in a folder of its own, gone when the test ends. */
export async function configFile(
  config: object,
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sell-kafka-test-"));
  const path = join(folder, "connector.config.json");
  await writeFile(path, JSON.stringify(config));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
