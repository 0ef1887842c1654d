/**
 * A text of another program without the secrets that it was sent: it may echo them as they are,
 * or as they travel, in base64, percent-encoded, or within JSON.
 */
export function withoutSecrets(
  text: string,
  secrets: readonly (string | undefined)[],
): string {
  const forms = secrets
    .filter((secret): secret is string => (secret ?? "") !== "")
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      Buffer.from(secret).toString("base64url"),
    ]);
  // A longer form may hold a shorter one.
  forms.sort((a, b) => b.length - a.length);
  return forms.reduce(
    (shown, form) => shown.replaceAll(form, "[redacted]"),
    text,
  );
}
