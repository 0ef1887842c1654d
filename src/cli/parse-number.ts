import { InvalidArgumentError } from "@commander-js/extra-typings";

/** Returns a parser of an option's value, whose errors commander shows to the user. */
export function numberParser(limits: {
  readonly least?: number;
  readonly above?: number;
  readonly most: number;
  readonly whole?: boolean;
}): (text: string) => number {
  const { least = -Infinity, above = -Infinity, most } = limits;
  const kind = limits.whole ? "a whole number" : "a number";
  const from = least === -Infinity ? `above ${above}` : `from ${least}`;
  const upTo = from.startsWith("above") ? ", up to" : " to";
  const wanted = `It must be ${kind} ${from}${upTo} ${most}.`;
  return (text) => {
    const value = text.trim() === "" ? NaN : Number(text);
    const isWithin =
      value >= least &&
      value > above &&
      value <= most &&
      Number.isFinite(value) &&
      (!limits.whole || Number.isInteger(value));
    if (!isWithin) throw new InvalidArgumentError(wanted);
    return value;
  };
}
