import type { Command } from "commander";
import { print, type Context } from "../context.ts";
import { bashCompletion } from "./bash.ts";
import { commandTree } from "./command-tree.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

export type Shell = "bash" | "zsh" | "fish";

const scripts = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Prints what makes a shell complete the program's commands and options. */
export async function completion(
  shell: Shell,
  program: Command,
  { stdout }: Context,
): Promise<number> {
  const script = scripts[shell](program.name(), commandTree(program));
  await print(stdout, script);
  return 0;
}
