import protobuf from "protobufjs";
import descriptors from "protobufjs/google/protobuf/descriptor.json" with { type: "json" };
import { amountFields } from "./schemas.ts";

export interface ParsedFile {
  readonly packageName: string;
  /** The names of the options that the file declares. */
  readonly options: readonly string[];
  /** The messages of the file, in its order. */
  readonly messages: readonly protobuf.Type[];
  /** Whether a field holds an amount in decimal digits; only for messages of this program. */
  isAmount(field: protobuf.Field): boolean;
}

/** Google's own files, which need no reference in a registry. */
const GOOGLES = "google/protobuf/";

// The file that declares options is in the library, but not among those that it knows by name.
protobuf.common(`${GOOGLES}descriptor.proto`, descriptors);

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
  const packageName = parsed.package ?? "";
  const amounts = amountFields(packageName);
  const declared = declaredIn(
    parsed.package === undefined ? root : root.lookup(packageName),
  );
  return {
    packageName,
    options: declared.flatMap((one) =>
      one instanceof protobuf.Field ? [one.name] : [],
    ),
    messages: declared.filter((one) => one instanceof protobuf.Type),
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

/** The message of the record in an envelope; null for a message that is the record itself. */
export function rowWithin({ fields }: protobuf.Type): protobuf.Type | null {
  const { after } = fields;
  return after === undefined ? null : messageOf(after);
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

function declaredIn(
  namespace: protobuf.ReflectionObject | null,
): readonly protobuf.ReflectionObject[] {
  return namespace instanceof protobuf.Namespace ? namespace.nestedArray : [];
}
