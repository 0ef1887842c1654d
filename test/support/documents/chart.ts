import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { placeOf } from "./markdown.ts";

export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [field: string]: unknown;
}

export const chart = placeOf("deploy/helm/sell-kafka");

/** What the chart is rendered with, by the name of the file under test/deploy/rendered. */
export const renderings = {
  default: [],
  full: ["--values", join(chart, "ci/full-values.yaml")],
  pinned: ["--values", join(chart, "ci/pinned-values.yaml")],
} as const;

/** Runs helm on the chart; rejects with what helm says of it. */
export async function helm(
  command: "lint" | "template",
  ...args: readonly string[]
): Promise<string> {
  const release = command === "template" ? ["sell-kafka"] : ["--strict"];
  const { stdout } = await promisify(execFile)("helm", [
    command,
    ...release,
    chart,
    "--kube-version",
    "1.31.0",
    ...args,
  ]);
  return stdout;
}

/** What nothing is rendered from: whoever changes these needs no helm. */
const NOT_RENDERED = ["README.md", "values.schema.json"];

/** Changes with every file of the chart that renders something. */
export function fingerprint(): string {
  const hash = createHash("sha256");
  const files = readdirSync(chart, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !NOT_RENDERED.includes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest("hex");
}

export function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() as Manifest | null;
    })
    .filter((manifest) => manifest !== null);
}
