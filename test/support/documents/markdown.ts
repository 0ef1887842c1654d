import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A fenced block of a document. */
export interface Block {
  /** The repository path of the document. */
  readonly document: string;
  readonly language: string;
  readonly text: string;
  /** What the comment before it says of it: `file` and the path that it shows, `run` and the name of what made it, or `tested` and the path of what tries it. */
  readonly origin: { readonly kind: string; readonly name: string } | null;
}

const root = new URL("../../../", import.meta.url);
const fence =
  /(?:^<!-- (?<kind>file|run|tested): (?<name>\S+) -->\n+)?^```(?<language>\w*)\n(?<text>.*?)^```$/gms;

/** Repository paths of everything that is written for people. */
export function documents(): readonly string[] {
  const all = readdirSync(new URL("docs/", root), { recursive: true });
  return [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "deploy/helm/sell-kafka/README.md",
    ...all
      .map(String)
      .filter((file) => file.endsWith(".md"))
      .map((file) => `docs/${file}`)
      .sort(),
  ];
}

export function readDocument(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchorsOf(document: string): string[] {
  const headings = readDocument(document).matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/ /g, "-"),
  );
}

/** The place of a file given by its repository path. */
export function placeOf(path: string): string {
  return fileURLToPath(new URL(path, root));
}

export function blocksOf(document: string): Block[] {
  return [...readDocument(document).matchAll(fence)].map(({ groups }) => {
    const { kind, name, language = "", text = "" } = groups ?? {};
    const origin =
      kind === undefined || name === undefined ? null : { kind, name };
    return { document, language, text, origin };
  });
}

/** Puts fresh text into a block whose comment says where it comes from. */
export function rewrite({ document, origin }: Block, fresh: string): void {
  const text = readDocument(document).replaceAll(fence, (block, ...rest) => {
    const groups = rest.at(-1) as Record<string, string | undefined>;
    return groups["kind"] === origin?.kind && groups["name"] === origin?.name
      ? block.replace(
          /^```(\w*)\n.*^```$/ms,
          () => `\`\`\`json\n${fresh}\`\`\``,
        )
      : block;
  });
  writeFileSync(new URL(document, root), text);
}
