/** The kind of a custom field's values, whatever Sell calls it. */
export type CustomFieldKind =
  | "text"
  | "number"
  | "boolean"
  | "date"
  | "date-time"
  | "choice"
  | "choices"
  | "address";

/** The records that have a custom field: contacts may be people or organizations. */
export type FieldHolders = "all" | "people" | "organizations";

/** Sell's id of a custom field, which never changes: its name and type may. */
export interface CustomFieldId {
  /** Digits. */
  readonly id: string;
  /** The resource that it is defined for when that is not the records' own type; else null. */
  readonly resource: string | null;
}

/** The definition of a custom field in Sell. */
export interface CustomField extends CustomFieldId {
  /** The name of its member in `custom_fields`. */
  readonly name: string;
  readonly kind: CustomFieldKind;
  readonly holders: FieldHolders;
}

/** The definitions for the records of one type, lowest id first. Equal definitions are one object. */
export type CustomFieldList = readonly CustomField[];

/** The definitions of custom fields, as far as Sell tells them. */
export interface CustomFields {
  /** Whether records of a type may have custom fields that Sell defines. */
  covers(type: string): boolean;
  /** Null while they are unknown, and for a type that has none. */
  of(type: string): CustomFieldList | null;
  /**
   * Asks Sell when that is due, or when a name is unknown. Waits for the answer, but not long, and
   * rejects only with the signal's reason.
   */
  learn(
    type: string,
    names: Iterable<string>,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Stands for definitions that nobody asks for. */
export const unknownFields: CustomFields = {
  covers: () => false,
  of: () => null,
  learn: () => Promise.resolve(),
};

export function isSameField(a: CustomFieldId, b: CustomFieldId): boolean {
  return a.id === b.id && a.resource === b.resource;
}
