import {
  everyCommand,
  type CommandNode,
  type OptionNode,
} from "./command-tree.ts";

/** Returns a script for bash 3.2 or newer. It needs no other package, and starts no process when it completes. */
export function bashCompletion(program: string, root: CommandNode): string {
  const all = everyCommand(root);
  const name = `_${program.replaceAll("-", "_")}`;
  const steps = all
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => pattern(path.slice(0, -1), path.at(-1) ?? ""));
  const valueCases = all.flatMap(({ path, options }) =>
    options.flatMap((option) => valueCase(path, option)),
  );
  const wordCases = all.map(({ path, options, choices, commands }) => {
    const words = [
      ...commands.map((command) => command.path.at(-1) ?? ""),
      ...choices,
      ...options.map((option) => option.name),
    ];
    return `    "${path.join(" ")}") words="${words.join(" ")}" ;;`;
  });
  return `# Completion of ${program} for bash. To load it: source <(${program} completion bash)
${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local path= words= i IFS=$' \\n'
  # Bash takes --option=value apart at the equals sign.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
      ${steps.join(" | ")})
        path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$path $previous" in
${valueCases.join("\n")}
  esac
  if [[ -z $words ]]; then case "$path" in
${wordCases.join("\n")}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F ${name} ${program}
`;
}

function pattern(path: readonly string[], word: string): string {
  return `"${path.join(" ")} ${word}"`;
}

function valueCase(
  path: readonly string[],
  { name, value }: OptionNode,
): string[] {
  const at = `    ${pattern(path, name)})`;
  switch (value.kind) {
    case "none":
      return [];
    case "text":
      return [`${at} return ;;`];
    case "choice":
      return [`${at} words="${value.choices.join(" ")}" ;;`];
    case "file":
      return [
        at,
        `      compopt -o filenames 2>/dev/null`,
        `      IFS=$'\\n'`,
        `      COMPREPLY=($(compgen -f -- "$current"))`,
        `      return ;;`,
      ];
  }
}
