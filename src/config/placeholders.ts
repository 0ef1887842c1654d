import { resolve } from "node:path";
import type { ReadText } from "./read-files.ts";

/** Where the text for placeholders comes from. */
export interface Sources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder at which a relative path starts. */
  readonly folder: string;
  readonly read: ReadText;
}

export interface FilledText {
  readonly text: string;
  /** Whether some of the text comes from outside, so that it may hold a secret. */
  readonly isFilled: boolean;
  /** What is wrong with placeholders; nothing stands in their place. */
  readonly problems: readonly string[];
}

/** `$${` stands for `${` itself. */
const PLACEHOLDER = /\$\$\{|\$\{([^}]*)\}?/g;

export function isOnePlaceholder(text: string): boolean {
  return /^\$\{[^}]*\}$/.test(text);
}

/** Replaces each `${env:NAME}` and `${file:PATH}` by its content, without one trailing line end. */
export async function fillPlaceholders(
  text: string,
  sources: Sources,
): Promise<FilledText> {
  const problems: string[] = [];
  let filled = "";
  let isFilled = false;
  let from = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    filled += text.slice(from, match.index);
    const [whole, name] = match;
    from = match.index + whole.length;
    if (name === undefined) {
      filled += "${";
      continue;
    }
    isFilled = true;
    const found = whole.endsWith("}")
      ? await contentOf(name, sources)
      : // The rest of the text is not shown: it may be a part of a secret.
        { problem: "holds a ${ that no } closes; $${ is a plain ${" };
    if ("problem" in found) problems.push(found.problem);
    else filled += found.content.replace(/\r?\n$/, "");
  }
  return { text: filled + text.slice(from), isFilled, problems };
}

type Content = { readonly content: string } | { readonly problem: string };

async function contentOf(
  placeholder: string,
  { env, folder, read }: Sources,
): Promise<Content> {
  const [, kind, name = ""] = /^(env|file):(.*)$/s.exec(placeholder) ?? [];
  if (kind === "env") {
    const content = env[name];
    return content === undefined
      ? { problem: `needs the environment variable ${name}, which is not set` }
      : { content };
  }
  if (kind === "file") return contentOfFile(resolve(folder, name), read);
  // The placeholder itself is not shown: it may be a part of a secret.
  return {
    problem:
      "holds a ${…} of another kind; only ${env:NAME} and ${file:PATH} are known, and $${ is a plain ${",
  };
}

async function contentOfFile(file: string, read: ReadText): Promise<Content> {
  try {
    return { content: await read(file) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
    return {
      problem: `needs the file ${file}, which can't be read (${code})`,
    };
  }
}
