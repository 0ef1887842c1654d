import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Dependency {
  readonly groupId: string;
  readonly artifactId: string;
  readonly version: string;
  readonly type?: string;
  readonly classifier?: string;
}

/** Excludes the dependencies of an artifact that contains everything it needs. */
const ALONE =
  "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>";

/** Runs a command such as `java -version`. Returns its output, or null when it fails or does not exist. */
export async function tryCommand(
  command: string,
  ...args: readonly string[]
): Promise<string | null> {
  try {
    const { stdout, stderr } = await run(command, args);
    return stdout + stderr;
  } catch {
    return null;
  }
}

/**
 * Returns the folder with some Maven artifacts and their dependencies, and downloads them when
 * the cache has none. Two processes may call this at once.
 */
export async function loadMavenFiles(
  cache: string,
  name: string,
  dependencies: readonly Dependency[],
  prepare: (folder: string) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const folder = join(cache, name);
  if (await isFolder(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, `${name}.partial-`));
  try {
    await writeFile(join(work, "pom.xml"), toPom(dependencies));
    await run(
      "mvn",
      [
        "--batch-mode",
        "--quiet",
        "-f",
        join(work, "pom.xml"),
        "dependency:copy-dependencies",
        `-DoutputDirectory=${work}`,
      ],
      { maxBuffer: 16 * 1024 * 1024 },
    );
    await prepare(work);
    await rename(work, folder);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    if (await isFolder(folder)) return folder;
    throw new Error(
      `Maven could not download ${name}: ${firstMavenError(error)}`,
      {
        cause: error,
      },
    );
  }
  return folder;
}

export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function firstMavenError(error: unknown): string {
  const { stdout, message } = error as { stdout?: string; message?: string };
  const first = (stdout ?? "")
    .split("\n")
    .find((line) => line.includes("[ERROR]"));
  return first?.replace(/^.*?\[ERROR\] /, "") ?? message ?? String(error);
}

function toPom(dependencies: readonly Dependency[]): string {
  const entries = dependencies.map(
    (dependency) =>
      `<dependency>${Object.entries(dependency)
        .map(([name, value]) => `<${name}>${String(value)}</${name}>`)
        .join("")}${dependency.classifier === "all" ? ALONE : ""}</dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>local</artifactId><version>1</version><dependencies>${entries.join("")}</dependencies></project>`;
}
