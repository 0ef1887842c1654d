import { encodedForms, escapedForm, literal } from "./secret-forms.ts";

const REDACTED = "[redacted]";

/** That many first characters of a secret are enough to be one that the other program has cut. */
const SHORTEST_CUT = 16;
/** At the end of a text, or before an ellipsis, fewer are. */
const SHORTEST_END = 8;
/** Of a secret that long, its end and the parts within are told from words that are like it. */
const SHORTEST_WITH_PARTS = 20;

/**
 * A text of another program without the secrets that it was sent: it may echo them as they are,
 * or as they travel, in base64, percent-encoded, or within JSON or HTML. To be called on the
 * decoded text and before it is cut: a part of a secret is not always known for one.
 */
export function withoutSecrets(
  text: string,
  secrets: readonly (string | undefined)[],
): string {
  const known = secrets.filter(
    (secret): secret is string => (secret ?? "") !== "",
  );
  // A longer one may hold a shorter one.
  known.sort((a, b) => b.length - a.length);
  let shown = text;
  for (const secret of known)
    for (const form of [...encodedForms(secret), escapedForm(secret)])
      shown = shown.replace(form, REDACTED);
  for (const secret of known) shown = withoutCut(shown, secret);
  return shown;
}

/** That much of a text is searched: more than what is shown of it, however long its secrets are written. */
const MOST_SEARCHED = 50_000;

/** What a text of another program begins with, without the secrets that it was sent. */
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

/** A replacer of `JSON.parse` for `withoutSecrets`: each text within the value loses the secrets. */
export function redacting(secrets: readonly (string | undefined)[]) {
  return (_: string, value: unknown): unknown =>
    typeof value === "string" ? withoutSecrets(value, secrets) : value;
}

/** What the other program itself has cut off a secret: the start, the end, or a part within. */
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

/** Without every run of characters, in any letter case, that is as long as a cut and stands in the secret. */
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

/** Only ASCII: other letters may change their length. */
function inSmallLetters(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function patternOf(text: string): string {
  return Array.from(text).map(literal).join("");
}
