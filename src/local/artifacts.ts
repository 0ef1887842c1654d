import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reasonOf } from "../lib/text/reason-of.ts";
import { mavenProblem } from "./java.ts";
import { lastWords, oneLine } from "./last-words.ts";
import { LOG_FILE } from "./reaper/messages.ts";
import { ReaperProcess } from "./reaper/reaper-process.ts";
import { runBriefly } from "./run-briefly.ts";
import { silently, step, type Progressed, type Starting } from "./step.ts";

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

/** Maven reports each part of a download; it is silent while it starts. */
const MAVEN_IDLE_MS = 45_000;
const LOOK_EVERY_MS = 500;

/** Runs a command such as `helm version`. Returns its output, or null when it fails or does not exist. */
export async function tryCommand(
  command: string,
  ...args: readonly string[]
): Promise<string | null> {
  const brief = await runBriefly(command, ...args);
  return brief.kind === "ran" ? brief.output : null;
}

/**
 * Returns the folder with some Maven artifacts and their dependencies, and downloads them when
 * the cache has none. Two processes may call this at once.
 */
export async function loadMavenFiles(
  cache: string,
  name: string,
  dependencies: readonly Dependency[],
  {
    starting = silently,
    prepare = () => Promise.resolve(),
  }: {
    readonly starting?: Starting;
    readonly prepare?: (folder: string) => Promise<void>;
  } = {},
): Promise<string> {
  const folder = join(cache, name);
  if (await isFolder(folder)) return folder;
  const problem = await mavenProblem();
  if (problem !== null)
    throw new Error(`${name} is not in ${cache}, and ${problem}`);
  try {
    await mkdir(cache, { recursive: true });
    await using reaper = await ReaperProcess.start(
      join(cache, `${name}.partial-`),
    );
    await download(reaper, name, dependencies, starting);
    await prepare(reaper.folder);
    await rm(join(reaper.folder, LOG_FILE));
    await rename(reaper.folder, folder);
  } catch (error) {
    starting.signal.throwIfAborted();
    if (await isFolder(folder)) return folder;
    throw new Error(`Maven can't download ${name}: ${reasonOf(error)}`, {
      cause: error,
    });
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

async function download(
  reaper: ReaperProcess,
  name: string,
  dependencies: readonly Dependency[],
  starting: Starting,
): Promise<void> {
  const { folder } = reaper;
  const pom = join(folder, "pom.xml");
  await writeFile(pom, toPom(dependencies));
  await step(
    starting,
    { what: `downloading ${name} with Maven`, idleMs: MAVEN_IDLE_MS },
    async (signal, progressed) => {
      void watchLog(reaper, starting, signal, progressed);
      const { code, error } = await reaper.run({
        command: "mvn",
        args: [
          "-f",
          pom,
          "dependency:copy-dependencies",
          `-DoutputDirectory=${folder}`,
        ],
      });
      if (code !== 0) throw new Error(error ?? mavenError(await reaper.log()));
    },
  );
}

/** Takes new output of Maven for progress. */
async function watchLog(
  reaper: ReaperProcess,
  { clock }: Starting,
  signal: AbortSignal,
  progressed: Progressed,
): Promise<void> {
  let seen = 0;
  while (!signal.aborted) {
    const { length } = await reaper.log();
    if (length > seen) progressed("");
    seen = length;
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

function mavenError(log: string): string {
  const error = /\[ERROR\] (.+)/.exec(log)?.[1];
  return error === undefined ? lastWords(log) : oneLine(error);
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
