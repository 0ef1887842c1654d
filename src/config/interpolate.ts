import { resolve } from "node:path";
import type { Problem } from "./problem.ts";
import { readText } from "./read-text.ts";

export interface Interpolated {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Paths of the strings that were put together from elsewhere: they may hold secrets. */
  readonly filledPaths: ReadonlySet<string>;
}

/** `$${` stands for `${` itself. */
const PLACEHOLDER = /\$\$\{|\$\{([^}]*)\}?/g;

/**
 * Replaces `${env:NAME}` and `${file:PATH}` in every string of a JSON value. A relative PATH
 * starts at `folder`; one trailing line end of what is put in is dropped. A string that is nothing but one
 * placeholder may stand for a number or a boolean.
 */
export async function interpolate(
  json: unknown,
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
  read = readText,
): Promise<Interpolated> {
  const problems: Problem[] = [];
  const filledPaths = new Set<string>();

  const complain = (path: string, message: string) => {
    problems.push({ path, message });
    return "";
  };

  const lookUp = async (placeholder: string, path: string) => {
    const [, kind, name = ""] = /^(env|file):(.*)$/s.exec(placeholder) ?? [];
    if (kind === "env") {
      const content = env[name];
      return content === undefined
        ? complain(
            path,
            `needs the environment variable ${name}, which is not set`,
          )
        : withoutLineEnd(content);
    }
    if (kind === "file")
      try {
        const content = await read(resolve(folder, name));
        return withoutLineEnd(content);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
        return complain(
          path,
          `needs the file ${resolve(folder, name)}, which can't be read (${code})`,
        );
      }
    // What stands in it may be a part of a secret.
    return complain(
      path,
      "holds a ${…} of another kind; only ${env:NAME} and ${file:PATH} are known, and $${ is a plain ${",
    );
  };

  const fillText = async (text: string, path: string): Promise<unknown> => {
    let filled = "";
    let from = 0;
    for (const match of text.matchAll(PLACEHOLDER)) {
      filled += text.slice(from, match.index);
      const [whole, name] = match;
      if (name === undefined) filled += "${";
      else {
        filledPaths.add(path);
        // What follows the name may be a part of a secret.
        filled += whole.endsWith("}")
          ? await lookUp(name, path)
          : complain(path, "holds a ${ that no } closes; $${ is a plain ${");
      }
      from = match.index + whole.length;
    }
    filled += text.slice(from);
    return /^\$\{[^}]*\}$/.test(text) ? plainValue(filled, path) : filled;
  };

  const fill = async (value: unknown, path: string): Promise<unknown> => {
    if (typeof value === "string") return fillText(value, path);
    if (Array.isArray(value))
      return Promise.all(
        value.map((one: unknown, index) => fill(one, `${path}[${index}]`)),
      );
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(
      async ([name, one]) =>
        [
          name,
          await fill(one, path === "" ? name : `${path}.${name}`),
        ] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  };

  return { value: await fill(json, ""), problems, filledPaths };
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}

/** Settings that are numbers or booleans; every other value from outside stays a string. */
const plainSettings =
  /\.(epoch|pollIntervalMs|requestsPerSecond|parallelFetches|requestTimeoutMs|maxPageBytes|ackBatchSize|ssl|create|maxCreated|partitions|replicationFactor|tombstones|autoRegister|maxBufferedBytes|giveUpAfterMs|shutdownTimeoutMs|port)$/;

function plainValue(text: string, path: string): unknown {
  if (!plainSettings.test(path)) return text;
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
