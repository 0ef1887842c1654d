import protobuf from "protobufjs";
import { amountFields } from "./schemas.ts";

export interface ParsedFile {
  /** The messages of the file, in its order. */
  readonly messages: readonly protobuf.Type[];
  /** Whether a field holds an amount in decimal digits; only for messages of this program. */
  isAmount(field: protobuf.Field): boolean;
}

/** Google's own files, which need no reference in a registry. */
const GOOGLES = "google/protobuf/";

/** Parses a .proto text. Throws for a text that is none, or needs other files. */
export function parsedFile(text: string): ParsedFile {
  const parsed = protobuf.parse(text, { keepCase: true });
  const { root } = parsed;
  for (const file of parsed.imports ?? []) {
    const known = file.startsWith(GOOGLES) ? protobuf.common.get(file) : null;
    if (known?.nested === undefined)
      throw new Error(`it imports ${file}, which can't be read`);
    root.addJSON(known.nested);
  }
  root.resolveAll();
  const amounts = amountFields(parsed.package ?? "");
  return {
    messages: messagesIn(
      parsed.package === undefined ? root : root.lookup(parsed.package),
    ),
    isAmount: ({ name, parent }) =>
      amounts.has(`${parent?.name ?? ""}.${name}`),
  };
}

/** The first message of a file: that of its values, by this program's rule. */
export function firstMessage({ messages }: ParsedFile): protobuf.Type {
  const [first] = messages;
  if (first === undefined) throw new Error("it has no message");
  return first;
}

/** The message of an object within a message. Null for a field of another type. */
export function messageOf(field: protobuf.Field): protobuf.Type | null {
  return field.resolvedType instanceof protobuf.Type
    ? field.resolvedType
    : null;
}

/** Whether a field is a `map<string, string>`. */
export function isTexts(field: protobuf.Field): boolean {
  return (
    field instanceof protobuf.MapField &&
    field.keyType === "string" &&
    field.type === "string"
  );
}

export function isTimestamp(field: protobuf.Field): boolean {
  return messageOf(field)?.fullName === ".google.protobuf.Timestamp";
}

function messagesIn(
  namespace: protobuf.ReflectionObject | null,
): protobuf.Type[] {
  return namespace instanceof protobuf.Namespace
    ? namespace.nestedArray.filter((one) => one instanceof protobuf.Type)
    : [];
}
