import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFolder } from "../program-folder.ts";

/** Returns the path of the JSON Schema of configurations, which comes with the program. */
export function schemaLocation(): string {
  const file = "schemas/connector.config.schema.json";
  return fileURLToPath(new URL(file, packageFolder));
}

/**
 * The JSON Schema as a configuration file names it: relative within one project, whose other copies
 * have both at the same places; else the absolute path, which editors of this machine alone find.
 */
export function schemaFor(file: string): string {
  const schema = schemaLocation();
  const folder = dirname(resolve(file));
  if (!areInOneProject(folder, schema)) return schema;
  const way = relative(folder, schema).replaceAll("\\", "/");
  return way.startsWith("../") ? way : `./${way}`;
}

function areInOneProject(folder: string, path: string): boolean {
  const holdsBoth = !relative(folder, path).startsWith("..");
  const isProject = [".git", "package.json"].some((name) =>
    existsSync(join(folder, name)),
  );
  if (holdsBoth && isProject) return true;
  const parent = dirname(folder);
  return parent !== folder && areInOneProject(parent, path);
}
