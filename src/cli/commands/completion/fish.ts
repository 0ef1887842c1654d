import {
  everyCommand,
  type CommandNode,
  type OptionNode,
} from "./command-tree.ts";

/** Returns a script for fish, with a line for each word that it completes. */
export function fishCompletion(program: string, root: CommandNode): string {
  const lines = everyCommand(root).flatMap((command) => {
    const { commands, options, choices } = command;
    const start = `complete -c ${program} -n ${quoted(conditionOf(command))}`;
    return [
      ...commands.map(
        ({ path, description }) =>
          `${start} -a ${path.at(-1) ?? ""} -d ${quoted(description)}`,
      ),
      ...(choices.length > 0
        ? [`${start} -a ${quoted(choices.join(" "))}`]
        : []),
      ...options.map((option) => `${start} ${optionWords(option)}`),
    ];
  });
  return `# Completion of ${program} for fish. To load it: ${program} completion fish | source
complete -c ${program} -f
${lines.join("\n")}
`;
}

/** A fish condition that is true when the command line names this command and none of its subcommands. */
function conditionOf({ path, commands }: CommandNode): string {
  const below = commands.map((one) => one.path.at(-1) ?? "").join(" ");
  return [
    ...path.map((word) => `__fish_seen_subcommand_from ${word}`),
    ...(below === "" ? [] : [`not __fish_seen_subcommand_from ${below}`]),
  ].join("; and ");
}

function optionWords({ name, description, value }: OptionNode): string {
  const option = `-l ${name.replace(/^--/, "")} -d ${quoted(description)}`;
  switch (value.kind) {
    case "none":
      return option;
    case "text":
      return `${option} -x`;
    case "file":
      return `${option} -r -F`;
    case "choice":
      return `${option} -x -a ${quoted(value.choices.join(" "))}`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
