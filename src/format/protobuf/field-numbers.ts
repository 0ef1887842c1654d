import { readFileSync } from "node:fs";
import { packageFolder } from "../../program-folder.ts";

/** A message's field numbers by field name, those of former fields too. */
export type FieldNumbers = Readonly<Record<string, number>>;

const file = new URL("schemas/protobuf-numbers.json", packageFolder);

let numbers: Readonly<Record<string, FieldNumbers>> | null = null;

/**
 * The numbers of a message's fields, from `schemas/protobuf-numbers.json`. A number stays with its
 * field for ever: values in Kafka name their fields by it.
 */
export function fieldNumbers(message: string): FieldNumbers {
  numbers ??= JSON.parse(readFileSync(file, "utf8")) as NonNullable<
    typeof numbers
  >;
  return numbers[message] ?? {};
}
