import fc from "fast-check";

/** JSON text of any value, with numbers that no double holds among them. */
export const anyJsonText = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.bigInt().map(String),
  fc.stringMatching(/^-?(0|[1-9]\d{0,45})(\.\d{1,15})?([eE][+-]?\d{1,3})?$/),
);
