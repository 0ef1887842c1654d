import { hasCalendarDay } from "../../json/calendar.ts";

const MILLIS_PER_DAY = 86_400_000;

const isoDate = /^(\d{4})-(\d\d)-(\d\d)$/;
const usDate = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const time =
  /^(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,6})0*)?)?(?:Z|[+-]00:?00)?$/i;

/** The date in ISO's notation, of a date in it or in that of the USA; null for another text. */
export function isoDateOf(text: string): string | null {
  const iso = isoDate.test(text) ? text : fromUsDate(text);
  return iso !== null && iso >= "0001" && hasCalendarDay(iso) ? iso : null;
}

function fromUsDate(text: string): string | null {
  const [, month = "", day = "", year = ""] = usDate.exec(text) ?? [];
  return year === ""
    ? null
    : `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

export function daysSinceEpoch(iso: string): number {
  return Date.parse(`${iso}T00:00:00Z`) / MILLIS_PER_DAY;
}

export function isoDateAt(days: number): string {
  return new Date(days * MILLIS_PER_DAY).toISOString().slice(0, 10);
}

/**
 * A date and time without a zone, in microseconds as if it were UTC; null for another text. Sell
 * marks the local times of custom fields as UTC.
 */
export function localMicrosOf(text: string): bigint | null {
  const at = text.search(/[T ]/);
  const date = isoDateOf(text.slice(0, at < 0 ? 0 : at));
  const match = time.exec(text.slice(at + 1));
  if (date === null || match === null) return null;
  const [, hour = "", minute = "", second = "00", fraction = ""] = match;
  const clock = `${hour.padStart(2, "0")}:${minute}:${second}`;
  const millis = Date.parse(`${date}T${clock}Z`);
  if (Number.isNaN(millis) || Number(hour) > 23) return null;
  return BigInt(millis) * 1_000n + BigInt(fraction.padEnd(6, "0"));
}

/** An instant in ISO's notation, to the microsecond where it needs that, without a zone. */
export function isoTimeAt(micros: bigint): string {
  const rest = ((micros % 1_000n) + 1_000n) % 1_000n;
  const millis = new Date(Number((micros - rest) / 1_000n)).toISOString();
  const micro = `${millis.slice(0, -1)}${String(rest).padStart(3, "0")}`;
  return micro.replace(/\.?0+$/, "");
}
