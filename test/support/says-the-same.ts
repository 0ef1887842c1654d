interface Leniency {
  /** Whether numbers may have lost digits that a double does not hold. */
  readonly asDoubles?: boolean;
  /** What is sent empty and may be missing, as in Protobuf. */
  readonly mayBeMissing?: "empty lists" | "empty lists and objects";
}

/**
 * Whether a record says the same as the one that was sent, both from `parsedExactly`. Null counts as
 * missing, other notations of a number or a time as equal; so do microseconds in place of a time.
 */
export function saysTheSame(
  sent: unknown,
  got: unknown,
  leniency: Leniency = {},
): boolean {
  if (isMissing(got) && mayBeMissing(sent, leniency)) return true;
  if (isMembers(sent)) {
    if (!isMembers(got)) return false;
    const names = new Set([...Object.keys(sent), ...Object.keys(got)]);
    return [...names].every((name) =>
      saysTheSame(memberOf(sent, name), memberOf(got, name), leniency),
    );
  }
  if (Array.isArray(sent))
    return (
      Array.isArray(got) &&
      got.length === sent.length &&
      sent.every((one, at) => saysTheSame(one, got[at], leniency))
    );
  const plain = plainly(sent);
  return (
    plain === plainly(got) ||
    (plain.startsWith("time ") && plain === timeOfMicros(got)) ||
    (leniency.asDoubles === true &&
      decimalIn(sent) !== null &&
      Number(sent) === Number(got))
  );
}

type Members = Readonly<Record<string, unknown>>;

function isMembers(json: unknown): json is Members {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function isMissing(json: unknown): boolean {
  return json === undefined || json === null;
}

function mayBeMissing(sent: unknown, { mayBeMissing }: Leniency): boolean {
  if (mayBeMissing === undefined) return false;
  if (Array.isArray(sent)) return sent.length === 0;
  return (
    mayBeMissing === "empty lists and objects" &&
    isMembers(sent) &&
    Object.keys(sent).length === 0
  );
}

/** No member that every object inherits. */
function memberOf(json: Members, name: string): unknown {
  return Object.hasOwn(json, name) ? json[name] : undefined;
}

/** The value of a JSON text: a number is the text of its digits, a member may have any name. */
export function parsedExactly(text: string): unknown {
  const digits = text.replaceAll(
    /("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g,
    (_, quoted: string | undefined, number: string) =>
      quoted ?? JSON.stringify(number),
  );
  return JSON.parse(digits) as unknown;
}

function plainly(json: unknown): string {
  return timeIn(json) ?? decimalIn(json) ?? JSON.stringify(json ?? null);
}

function decimalIn(json: unknown): string | null {
  if (typeof json !== "string") return null;
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(json);
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const trimmed = digits.replace(/0+$/, "");
  const power =
    BigInt(exponent) -
    BigInt(fraction.length) +
    BigInt(digits.length - trimmed.length);
  return trimmed === "" ? "number 0" : `number ${sign}${trimmed}e${power}`;
}

/** Sell writes a date and a local time in the American notation, too. */
function timeIn(json: unknown): string | null {
  if (typeof json !== "string") return null;
  const iso = json.replace(
    /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d+):(\d\d))?$/,
    (_, month: string, day: string, year: string, hour?: string, minute = "") =>
      `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}${hour === undefined ? "" : `T${hour.padStart(2, "0")}:${minute}:00`}`,
  );
  const match =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?)?$/.exec(
      iso,
    );
  if (match === null) return null;
  const [, day = "", time = "00:00:00", fraction = "", zone = "Z"] = match;
  return timeText(Date.parse(`${day}T${time}${zone}`), fraction);
}

function timeOfMicros(json: unknown): string | null {
  if (typeof json !== "string" || !/^-?\d{1,18}$/.test(json)) return null;
  const micros = BigInt(json);
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const ms = Number((micros - fraction) / 1_000n);
  return timeText(ms, String(fraction).padStart(6, "0"));
}

function timeText(ms: number, fraction: string): string | null {
  if (Number.isNaN(ms)) return null;
  return `time ${ms} ${fraction.replace(/0+$/, "")}`;
}
