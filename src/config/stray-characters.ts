import { secretPaths } from "./definition/config.ts";
import { valueAt } from "./config-path.ts";
import type { Problem } from "./problem.ts";

/** Names that are sent beside a secret: what strays into one is refused just as silently. */
const loginPaths = [
  ...secretPaths,
  "kafka.sasl.username",
  "kafka.sasl.clientId",
  "schemaRegistry.username",
];

const kinds: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/[\r\n\u0085\u2028\u2029]/, "a line end"],
  [/\ufeff/, "a byte order mark (BOM)"],
  [/\0/, "a NUL"],
  [/\t/, "a tab"],
  [/[\p{Cc}\p{Cs}]/u, "a control character"],
  [/[\u200b-\u200f\u2060]/, "an invisible character"],
];

/** Secrets, and names to log in by, that hold what no server takes. The values are not shown. */
export function strayCharactersIn(config: unknown): Problem[] {
  return loginPaths.flatMap((path) => {
    const value = valueAt(config, path.split("."));
    if (typeof value !== "string") return [];
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

function placeIn(value: string, pattern: RegExp): string {
  const characters = Array.from(value);
  if (pattern.test(characters[0] ?? "")) return " at its start";
  return pattern.test(characters.at(-1) ?? "") ? " at its end" : "";
}

/** Secrets that begin or end with a space: allowed, since a password may, but hardly ever meant. */
export function paddedSecretsIn(config: unknown): Problem[] {
  return loginPaths.flatMap((path) => {
    const value = valueAt(config, path.split("."));
    if (typeof value !== "string" || value === value.trim()) return [];
    const end = value === value.trimStart() ? "ends" : "begins";
    const message = `${end} with white space; remove it, unless the server knows it with that`;
    return [{ path, message }];
  });
}
