import avro, { type types, type Type } from "avsc";

/** The fields of a record type; none for another type. */
export function fieldsOfType(type: Type): readonly types.Field[] {
  return type instanceof avro.types.RecordType ? type.fields : [];
}

/** The types of a union; the type itself when it is none. */
export function branchesOf(type: Type): readonly Type[] {
  return isUnion(type) ? type.types : [type];
}

/** Whether the index of a branch stands before a value, even where there is one branch alone. */
export function isUnion(
  type: Type,
): type is types.UnwrappedUnionType | types.WrappedUnionType {
  return (
    type instanceof avro.types.UnwrappedUnionType ||
    type instanceof avro.types.WrappedUnionType
  );
}

/** The index of null among the types of a union; -1 when it is not there. */
export function nullIn(branches: readonly Type[]): number {
  return branches.findIndex(({ typeName }) => typeName === "null");
}

/** The type of an array's elements; the type itself when it is no array. */
export function itemsOf(type: Type): Type {
  return type instanceof avro.types.ArrayType ? type.itemsType : type;
}

/** Returns the bytes of a field's default value; null when the field has none. */
export function defaultOf(field: types.Field): Buffer | null {
  const value: unknown = field.defaultValue();
  return value === undefined ? null : field.type.toBuffer(value);
}
