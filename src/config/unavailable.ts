import type { Problem } from "./problem.ts";

/** Keys that are part of the configuration and do nothing yet in this version, with the values that are harmless. */
const unavailable: readonly {
  readonly path: string;
  readonly harmless: unknown;
}[] = [
  { path: "delivery.guarantee", harmless: "at-least-once" },
  { path: "kafka.ssl", harmless: false },
  { path: "kafka.sasl", harmless: undefined },
  { path: "schemaRegistry.ssl", harmless: undefined },
];

/** A problem for each setting of a configuration that would be ignored. */
export function unavailableIn(config: unknown): Problem[] {
  return unavailable
    .filter(({ path, harmless }) => {
      const value = path.split(".").reduce<unknown>(memberOf, config);
      return value !== undefined && value !== harmless;
    })
    .map(({ path }) => ({
      path,
      message: "is not available in this version; remove it",
    }));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" &&
    value !== null &&
    Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
