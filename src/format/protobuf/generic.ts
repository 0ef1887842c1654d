import type protobuf from "protobufjs";

/** Whether a message holds a record as its JSON text. */
export function isGeneric({
  fieldsArray: [id, data, ...others],
}: protobuf.Type) {
  return (
    others.length === 0 &&
    id?.name === "id" &&
    data?.name === "data" &&
    [id, data].every((field) => field.type === "string" && !field.repeated)
  );
}
