/** Returns the examples at the end of a command's help: what each is for, and a line to paste. */
export function examples(
  ...shown: readonly (readonly [purpose: string, line: string])[]
): string {
  const lines = shown.map(
    ([purpose, line]) => `  # ${purpose}\n  sell-kafka ${line}`,
  );
  return `\nExamples:\n${lines.join("\n")}`;
}
