import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** A command as a shell sees it. */
export interface CommandNode {
  /** The words that lead to it; none for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly OptionNode[];
  /** What its arguments may be, as far as there is a choice. */
  readonly choices: readonly string[];
  readonly commands: readonly CommandNode[];
}

export interface OptionNode {
  /** With its dashes. */
  readonly name: string;
  readonly description: string;
  readonly value: ValueKind;
}

/** What follows an option. */
type ValueKind =
  | { readonly kind: "none" | "file" | "text" }
  | { readonly kind: "choice"; readonly choices: readonly string[] };

/** All that the definitions of a command say about it, and about those below it. */
export function commandTree(
  command: CommandUnknownOpts,
  path: readonly string[] = [],
): CommandNode {
  const help = command.createHelp();
  return {
    path,
    description: command.description(),
    options: help.visibleOptions(command).map((option) => ({
      name: option.long ?? option.flags,
      description: option.description,
      value: valueOf(option),
    })),
    choices: command.registeredArguments.flatMap(
      ({ argChoices }) => argChoices ?? [],
    ),
    commands: help
      .visibleCommands(command)
      .map((one) => commandTree(one, [...path, one.name()])),
  };
}

/** A command, and all below it. */
export function everyCommand(node: CommandNode): CommandNode[] {
  return [node, ...node.commands.flatMap(everyCommand)];
}

function valueOf(option: {
  readonly flags: string;
  readonly required: boolean;
  readonly argChoices?: string[] | undefined;
}): ValueKind {
  if (option.argChoices !== undefined)
    return { kind: "choice", choices: option.argChoices };
  if (!option.required) return { kind: "none" };
  return { kind: option.flags.endsWith("<file>") ? "file" : "text" };
}
