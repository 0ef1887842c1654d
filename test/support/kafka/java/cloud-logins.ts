import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loadKafkaLibs } from "../../../../src/local/kafka-node.ts";
import { silently } from "../../../../src/local/step.ts";

/** What the broker's handler knows. */
export const cloud = {
  extensions: { logicalCluster: "lkc-4711", identityPoolId: "pool-0815" },
  accessKeyId: "AKIAEXAMPLE",
  secretAccessKey: "5ecret/of+the:aws-user",
} as const;

/** Compiles the handler into a folder, and returns the arguments of a Java machine that finds it there. */
export async function compileCloudLogins(
  cache: string,
  folder: string,
): Promise<string[]> {
  const libs = await loadKafkaLibs(cache, silently);
  const classes = join(folder, "classes");
  await mkdir(classes);
  const source = fileURLToPath(new URL("CloudLogins.java", import.meta.url));
  const args = ["-cp", `${libs}/*`, "-d", classes, source];
  await promisify(execFile)("javac", args);
  const { extensions, ...aws } = cloud;
  return [
    "-cp",
    `${libs}/*:${classes}`,
    ...Object.entries({ ...extensions, ...aws }).map(
      ([name, value]) => `-Dcloud.${name}=${value}`,
    ),
  ];
}
