/** What a registry calls the kinds of schemas. */
export const schemaKinds = ["AVRO", "JSON", "PROTOBUF"] as const;

export type SchemaKind = (typeof schemaKinds)[number];

export interface Schema {
  readonly kind: SchemaKind;
  readonly text: string;
}

export interface RegisteredSchema extends Schema {
  readonly id: number;
}
