import type { Command } from "commander";
import type { Context } from "../context.ts";

/** Carries out a command and keeps its exit code. */
export type CarryOut = (command: () => Promise<number>) => Promise<void>;

/** Adds commands with their options and help; what a command needs is loaded only when it is carried out. */
export type Definition = (
  program: Command,
  context: Context,
  carryOut: CarryOut,
) => void;
