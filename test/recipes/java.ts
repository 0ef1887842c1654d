import { fileURLToPath } from "node:url";
import { loadMavenFiles, type Dependency } from "../../src/local/artifacts.ts";
import { cacheFolder } from "../../src/lib/process/cache-folder.ts";
import { ChildProgram } from "../support/process/program.ts";

/** `group:artifact:version`, as Maven writes them. */
type Coordinates = `${string}:${string}:${string}`;

/** A folder with artifacts of Maven Central, and all that they need, from the cache. */
export function jarFolder(
  name: string,
  ...artifacts: readonly Coordinates[]
): Promise<string> {
  const dependencies = artifacts.map((artifact): Dependency => {
    const [groupId = "", artifactId = "", version = ""] = artifact.split(":");
    return { groupId, artifactId, version };
  });
  return loadMavenFiles(
    cacheFolder(process.env),
    `recipe-${name}`,
    dependencies,
  );
}

/** Class path entries for artifacts, and all that they need. */
export async function jars(
  name: string,
  ...artifacts: readonly Coordinates[]
): Promise<string> {
  return `${await jarFolder(name, ...artifacts)}/*`;
}

/** Java with its arguments, among them a source file beside this one or a class. */
export class JavaProgram extends ChildProgram {
  constructor(
    classPath: string,
    args: readonly string[],
    options: { cwd?: string } = {},
  ) {
    super("java", ["-cp", classPath, ...args], options);
  }
}

/** The path of a file given relative to this one. */
export function recipe(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** A text with the values of its `${name}`s. */
export function filledIn(
  text: string,
  values: Readonly<Record<string, string>>,
) {
  return Object.entries(values).reduce(
    (filled, [name, value]) => filled.replaceAll(`\${${name}}`, () => value),
    text,
  );
}
