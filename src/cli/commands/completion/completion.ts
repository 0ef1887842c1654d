import { Argument, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { examples } from "../../examples.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import type { Definition } from "../definition.ts";

export const define: Definition = (program, context, execute) => {
  program
    .command("completion")
    .description("print a script that makes a shell complete this command")
    .addArgument(
      new Argument("<shell>", "the shell that is to load it").choices([
        "bash",
        "zsh",
        "fish",
      ] as const),
    )
    .addHelpText(
      "after",
      `
To load it, from ~/.bashrc, ~/.zshrc (after compinit) or ~/.config/fish/config.fish:
  source <(sell-kafka completion bash)
  source <(sell-kafka completion zsh)
  sell-kafka completion fish | source
${examples(["print the script", "completion bash > sell-kafka.bash"])}`,
    )
    .action((shell) => execute(() => completion(shell, program, context)));
};

/** Prints a script by which a shell completes the program's commands and options. */
async function completion(
  shell: "bash" | "zsh" | "fish",
  program: CommandUnknownOpts,
  { stdout }: ProcessContext,
): Promise<number> {
  const { commandTree } = await import("./command-tree.ts");
  const scripts = {
    bash: (await import("./bash.ts")).bashCompletion,
    zsh: (await import("./zsh.ts")).zshCompletion,
    fish: (await import("./fish.ts")).fishCompletion,
  };
  const script = scripts[shell](program.name(), commandTree(program));
  await print(stdout, script);
  return 0;
}
