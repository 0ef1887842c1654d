import { valueAt } from "./config-path.ts";
import { credentialPaths } from "./definition/config.ts";
import type { Problem } from "./problem.ts";

const kinds: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/[\r\n\u0085\u2028\u2029]/, "a line end"],
  [/\ufeff/, "a byte order mark (BOM)"],
  [/\0/, "a NUL"],
  [/\t/, "a tab"],
  [/[\p{Cc}\p{Cs}]/u, "a control character"],
  [/[\u200b-\u200f\u2060]/, "an invisible character"],
];

/** Credentials with a character that every server refuses without saying why. The values are not shown. */
export function strayCharactersIn(config: unknown): Problem[] {
  return credentialsIn(config).flatMap(({ path, value }) => {
    const found = kinds.find(([pattern]) => pattern.test(value));
    if (found === undefined) return [];
    const [pattern, name] = found;
    return [
      {
        path,
        message: `holds ${name}${placeIn(value, pattern)}; write it anew without, such as with printf in place of echo, or in an editor that saves no BOM`,
      },
    ];
  });
}

/** Credentials that begin or end with white space: a password may, but hardly ever should. */
export function paddedCredentialsIn(config: unknown): Problem[] {
  return credentialsIn(config).flatMap(({ path, value }) => {
    if (value === value.trim()) return [];
    const end = value === value.trimStart() ? "ends" : "begins";
    const message = `${end} with white space; remove it, unless the server knows it with that`;
    return [{ path, message }];
  });
}

function credentialsIn(config: unknown): { path: string; value: string }[] {
  return credentialPaths.flatMap((path) => {
    const value = valueAt(config, path.split("."));
    return typeof value === "string" ? [{ path, value }] : [];
  });
}

function placeIn(value: string, pattern: RegExp): string {
  const characters = Array.from(value);
  if (pattern.test(characters[0] ?? "")) return " at its start";
  return pattern.test(characters.at(-1) ?? "") ? " at its end" : "";
}
