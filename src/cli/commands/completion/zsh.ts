import {
  everyCommand,
  type CommandNode,
  type OptionNode,
} from "./command-tree.ts";

/** Returns a script for zsh, with a function for each command. */
export function zshCompletion(program: string, root: CommandNode): string {
  const nameOf = ({ path }: CommandNode) => `_${[program, ...path].join("_")}`;
  const functions = everyCommand(root).map((command) => {
    const { options, choices, commands } = command;
    const specs = options.map((option) => quoted(optionSpec(option)));
    if (choices.length > 0)
      specs.push(quoted(`1:argument:(${choices.join(" ")})`));
    if (commands.length === 0)
      return `${nameOf(command)}() {
  _arguments -S \\
    ${specs.join(" \\\n    ")}
}`;
    const described = commands.map(({ path, description }) =>
      quoted(`${path.at(-1) ?? ""}:${description}`),
    );
    const cases = commands.map(
      (one) => `        ${one.path.at(-1) ?? ""}) ${nameOf(one)} ;;`,
    );
    return `${nameOf(command)}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C -S \\
    ${specs.join(" \\\n    ")} \\
    '1:command:->command' \\
    '*::argument:->rest'
  case $state in
    command)
      local -a commands=(
        ${described.join("\n        ")}
      )
      _describe command commands ;;
    rest)
      case $line[1] in
${cases.join("\n")}
      esac ;;
  esac
}`;
  });
  return `#compdef ${program}
# Completion of ${program} for zsh. To load it: source <(${program} completion zsh)
${functions.join("\n")}
if [[ $funcstack[1] == _${program} ]]; then
  _${program} "$@"
else
  compdef _${program} ${program}
fi
`;
}

function optionSpec({ name, description, value }: OptionNode): string {
  const text = description.replaceAll(/[\\[\]:]/g, "\\$&");
  switch (value.kind) {
    case "none":
      return `${name}[${text}]`;
    case "text":
      return `${name}=[${text}]:value:`;
    case "file":
      return `${name}=[${text}]:file:_files`;
    case "choice":
      return `${name}=[${text}]:value:(${value.choices.join(" ")})`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
