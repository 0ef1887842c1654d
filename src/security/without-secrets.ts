import { encodedForms, escapedForm, literal } from "./secret-forms.ts";

const REDACTED = "[redacted]";

/** That many first characters of a secret are enough to be one that the other program has cut. */
const SHORTEST_CUT = 16;
/** At the end of a text, or before an ellipsis, fewer are. */
const SHORTEST_END = 8;

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

/** What the other program itself has cut off a secret. */
function withoutCut(text: string, secret: string): string {
  let shown = text;
  const start = secret.slice(0, SHORTEST_CUT);
  if (secret.length > SHORTEST_CUT)
    for (let at = shown.indexOf(start); at >= 0; at = shown.indexOf(start)) {
      let end = at + start.length;
      while (shown[end] === secret[end - at] && end < shown.length) end++;
      shown = `${shown.slice(0, at)}${REDACTED}${shown.slice(end)}`;
    }
  for (let length = SHORTEST_CUT; length >= SHORTEST_END; length--) {
    const part = secret.slice(0, length);
    if (part.length < length || length >= secret.length) continue;
    const place = new RegExp(
      `${Array.from(part).map(literal).join("")}(?=$|\\.\\.\\.|…|\\*)`,
      "u",
    );
    shown = shown.replace(place, REDACTED);
  }
  return shown;
}
