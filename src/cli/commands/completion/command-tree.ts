import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** What a completion script needs to know of a command. */
export interface CommandNode {
  /** The words of the command after the program's name; empty for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly OptionNode[];
  /** The values that its arguments may have, where they are limited. */
  readonly choices: readonly string[];
  readonly commands: readonly CommandNode[];
}

export interface OptionNode {
  /** Includes the dashes. */
  readonly name: string;
  readonly description: string;
  readonly value: ValueKind;
}

/** The kind of value that follows an option. */
type ValueKind =
  | { readonly kind: "none" | "file" | "text" }
  | { readonly kind: "choice"; readonly choices: readonly string[] };

/** Reads the definition of a command and of its subcommands. */
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

/** Returns a command and all its subcommands. */
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
