import { readDocument } from "./markdown.ts";

/** A shape of JSON as docs/cli.md writes it. */
type Shape = string | readonly [Shape] | { readonly [name: string]: Shape };

const DOCUMENT = "docs/cli.md";

/** The rows of the tables of a section of docs/cli.md: cells without their quotes, headings left out. */
export function rowsOf(section: string): string[][] {
  const [, text = ""] =
    new RegExp(`^## ${section}\n(.*?)(?=^## |$(?![^]))`, "ms").exec(
      readDocument(DOCUMENT),
    ) ?? [];
  return [...text.matchAll(/^\| (`.*) \|$/gm)].map(([, row = ""]) =>
    row.split(" | ").map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")),
  );
}

/** The documented shapes, by command or name; one that is not JSON is left out. */
export function shapes(): ReadonlyMap<string, Shape> {
  return new Map(
    rowsOf("JSON").flatMap(([name = "", text = ""]) =>
      /^[[{]/.test(text) ? [[name, JSON.parse(text) as Shape]] : [],
    ),
  );
}

/** Where a value differs from a documented shape, and how; empty when it does not. */
export function mismatches(
  value: unknown,
  name: string,
  known = shapes(),
): string[] {
  const shape = known.get(name);
  if (shape === undefined) return [`${DOCUMENT} has no shape of ${name}`];
  return differences(value, shape, name, known);
}

type Known = ReadonlyMap<string, Shape>;

function differences(
  value: unknown,
  shape: Shape,
  path: string,
  known: Known,
): string[] {
  if (typeof shape === "string")
    return wordDifferences(value, shape, path, known);
  if (shape instanceof Array)
    return value instanceof Array
      ? value.flatMap((one, place) =>
          differences(one, shape[0], `${path}[${place}]`, known),
        )
      : [`${path} is no list`];
  if (typeof value !== "object" || value === null || value instanceof Array)
    return [`${path} is no object`];
  return memberDifferences(
    value as Readonly<Record<string, unknown>>,
    membersOf(shape, known),
    path,
    known,
  );
}

function memberDifferences(
  value: Readonly<Record<string, unknown>>,
  members: ReadonlyMap<string, Shape>,
  path: string,
  known: Known,
): string[] {
  const anyName = [...members].find(([name]) => name.startsWith("<"))?.[1];
  const isKnown = (name: string) =>
    members.has(name) || members.has(`${name}?`) || anyName !== undefined;
  const missing = [...members.keys()]
    .filter((name) => !/^<|\?$/.test(name) && !Object.hasOwn(value, name))
    .map((name) => `${path}.${name} is missing`);
  const others = Object.entries(value).flatMap(([name, member]) => {
    if (!isKnown(name)) return [`${path}.${name} is not documented`];
    const own =
      members.get(name) ?? members.get(`${name}?`) ?? anyName ?? "any";
    return differences(member, own, `${path}.${name}`, known);
  });
  return [...missing, ...others];
}

/** The members of an object's shape, with those of the shape that it takes in. */
function membersOf(
  shape: { readonly [name: string]: Shape },
  known: Known,
): ReadonlyMap<string, Shape> {
  const members = new Map<string, Shape>();
  for (const [name, own] of Object.entries(shape))
    if (name !== "...") members.set(name, own);
    else
      for (const [inner, theirs] of membersOf(
        known.get(own as string) as { readonly [name: string]: Shape },
        known,
      ))
        members.set(inner, theirs);
  return members;
}

function wordDifferences(
  value: unknown,
  words: string,
  path: string,
  known: Known,
): string[] {
  const choices = words.split(" or ");
  const fits = choices.some((word) => {
    const named = /^[A-Z]/.test(word) ? known.get(word) : undefined;
    if (named !== undefined)
      return differences(value, named, path, known).length === 0;
    if (["number", "string", "boolean"].includes(word))
      return typeof value === word;
    return (
      word === "any" || (word === "null" ? value === null : value === word)
    );
  });
  if (fits) return [];
  const [only = ""] = choices.filter((word) => word !== "null");
  const named = known.get(only);
  return named !== undefined && value !== null
    ? differences(value, named, path, known)
    : [`${path} is ${JSON.stringify(value)}, and not ${words}`];
}
