import { encodedForms, escapedForm, literal } from "./secret-forms.ts";

const REDACTED = "[redacted]";

/** So many first characters of a secret count as the secret, cut off by the other program. */
const SHORTEST_CUT = 16;
/** So many are enough at the end of a text, or before an ellipsis. */
const SHORTEST_END = 8;
/** The end and the middle of a secret of this length can't be mistaken for ordinary words. */
const SHORTEST_WITH_PARTS = 20;

/**
 * Removes secrets from a text of another program, which may echo them as they are, in base64,
 * percent-encoded, or within JSON or HTML. Call it before the text is cut: parts are harder to find.
 */
export function withoutSecrets(
  text: string,
  secrets: readonly (string | undefined)[],
): string {
  const known = secrets.filter(
    (secret): secret is string => (secret ?? "") !== "",
  );
  // The longest first: a secret may contain another.
  known.sort((a, b) => b.length - a.length);
  let shown = text;
  for (const secret of known)
    for (const form of [...encodedForms(secret), escapedForm(secret)])
      shown = shown.replace(form, REDACTED);
  for (const secret of known) shown = withoutCut(shown, secret);
  return shown;
}

/** How much of a text is searched: enough for what is shown, even where its secrets are written at great length. */
const MOST_SEARCHED = 50_000;

/** Returns the start of a text of another program, without secrets. */
export function excerptOf(
  text: string,
  secrets: readonly (string | undefined)[],
  mostCharacters = 200,
): string {
  const shown = withoutSecrets(text.slice(0, MOST_SEARCHED), secrets);
  return shown.length > mostCharacters
    ? `${shown.slice(0, mostCharacters)}…`
    : shown;
}

/** A reviver for `JSON.parse` that removes secrets from each text within the value. */
export function redacting(secrets: readonly (string | undefined)[]) {
  return (_: string, value: unknown): unknown =>
    typeof value === "string" ? withoutSecrets(value, secrets) : value;
}

/** Removes the start, the end or a middle part of a secret that the other program has cut. */
function withoutCut(text: string, secret: string): string {
  const shown = withoutLongParts(text, secret);
  const ends: string[] = [];
  for (let length = SHORTEST_CUT; length >= SHORTEST_END; length--) {
    if (length >= secret.length) continue;
    ends.push(`${patternOf(secret.slice(0, length))}(?=$|\\.\\.\\.|…|\\*)`);
    if (secret.length >= SHORTEST_WITH_PARTS)
      ends.push(`(?<=^|\\.\\.\\.|…|\\*)${patternOf(secret.slice(-length))}`);
  }
  return ends.length === 0
    ? shown
    : shown.replace(new RegExp(ends.join("|"), "giu"), REDACTED);
}

/** Removes every run of at least `SHORTEST_CUT` characters that occurs in the secret, in any letter case. */
function withoutLongParts(text: string, secret: string): string {
  if (secret.length <= SHORTEST_CUT) return text;
  const [searched, known] = [inSmallLetters(text), inSmallLetters(secret)];
  const lastPart =
    secret.length >= SHORTEST_WITH_PARTS ? secret.length - SHORTEST_CUT : 0;
  const parts = new Set(
    Array.from({ length: lastPart + 1 }, (_, at) =>
      known.slice(at, at + SHORTEST_CUT),
    ),
  );
  const kept: string[] = [];
  let from = 0;
  for (let at = 0; at + SHORTEST_CUT <= text.length; at++) {
    if (!parts.has(searched.slice(at, at + SHORTEST_CUT))) continue;
    let end = at + SHORTEST_CUT;
    while (
      end < text.length &&
      known.includes(searched.slice(end - SHORTEST_CUT + 1, end + 1))
    )
      end++;
    kept.push(text.slice(from, at), REDACTED);
    from = end;
    at = end - 1;
  }
  return from === 0 ? text : `${kept.join("")}${text.slice(from)}`;
}

/** Changes only ASCII letters: the lower case of others may have another length. */
function inSmallLetters(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function patternOf(text: string): string {
  return Array.from(text).map(literal).join("");
}
