/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Where: `sell.accessToken`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong and what to do, to be read after the path. */
  readonly message: string;
}

/** Everything that is wrong with a configuration, at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const lines = problems.map(({ path, message }) =>
      path === "" ? `  ${message}` : `  ${path} ${message}`,
    );
    super(`${file} is not a valid configuration:\n${lines.join("\n")}`);
    this.problems = problems;
  }
}
