// This file imports nothing: the options of the command line are made from it, before anything is loaded.

/** What `format.envelope` may be. */
export const envelopeNames = ["change", "flat", "cloudevents"] as const;

export type EnvelopeName = (typeof envelopeNames)[number];

/** What `format.value` may be. */
export const valueFormatNames = [
  "json",
  "avro",
  "json-schema",
  "protobuf",
] as const;

export type ValueFormatName = (typeof valueFormatNames)[number];

/** The values of `format.layout`. */
export const layoutNames = ["nested", "columns"] as const;

export type LayoutName = (typeof layoutNames)[number];
