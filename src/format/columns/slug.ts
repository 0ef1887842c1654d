/** The longest name of a column in PostgreSQL. */
const LONGEST_NAME = 63;

/** A part of a name: lower-case letters, digits and single underscores; empty when nothing is left. */
export function slug(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
}

/** A name with its ending, cut before the ending when it is too long. */
export function fittedName(name: string, ending: string): string {
  return `${name.slice(0, LONGEST_NAME - ending.length).replace(/_+$/, "")}${ending}`;
}
