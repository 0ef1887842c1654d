import { readFileSync } from "node:fs";
import { packageFolder } from "./program-folder.ts";

/** The version in package.json. */
export const version = (
  JSON.parse(readFileSync(new URL("package.json", packageFolder), "utf8")) as {
    version: string;
  }
).version;
