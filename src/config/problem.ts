import { printable } from "../security/printable.ts";

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** The key, such as `sell.accessToken`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong and what to do, to be read after the path. */
  readonly message: string;
}

/** Everything that is wrong with a configuration. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];
  /** The problems, each with the name of the file. */
  readonly sentences: readonly string[];

  constructor(file: string, problems: readonly Problem[]) {
    const lines = problems.map(lineOf);
    const list = lines.map((line) => `  ${line}`).join("\n");
    // Of a file that is missing, or is no JSON, there is no list of settings.
    const isWhole = problems.every(({ path }) => path === "");
    super(
      isWhole
        ? `${nameOf(file)}: ${lines.join("; ")}`
        : `${nameOf(file)} is not a valid configuration:\n${list}`,
    );
    this.problems = problems;
    this.sentences = lines.map((line) => `${nameOf(file)}: ${line}`);
  }
}

function lineOf({ path, message }: Problem): string {
  return printable(path === "" ? message : `${path} ${message}`);
}

/** A name with quotes or lines in it is the text of a file, and may hold secrets. */
function nameOf(file: string): string {
  const isText = /["\r\n]|-----BEGIN/.test(file);
  return isText ? "the text in place of a file's name" : printable(file);
}
