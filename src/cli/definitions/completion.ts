import { Argument } from "commander";
import type { Shell } from "../completion/completion.ts";
import type { Definition } from "./definition.ts";

export const defineCompletion: Definition = (program, context, carryOut) => {
  program
    .command("completion")
    .description("print a script that makes a shell complete this command")
    .addArgument(
      new Argument("<shell>", "the shell that is to load it").choices([
        "bash",
        "zsh",
        "fish",
      ]),
    )
    .addHelpText(
      "after",
      `
To load it, from ~/.bashrc, ~/.zshrc (after compinit) or ~/.config/fish/config.fish:
  source <(sell-kafka completion bash)
  source <(sell-kafka completion zsh)
  sell-kafka completion fish | source`,
    )
    .action((shell: Shell) =>
      carryOut(async () =>
        (await import("../completion/completion.ts")).completion(
          shell,
          program,
          context,
        ),
      ),
    );
};
