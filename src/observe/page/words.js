const numbers = new Intl.NumberFormat("en");
const times = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const minutes = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const dates = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "medium",
});

/** @param {number} value */
export function number(value) {
  return numbers.format(Math.round(value));
}

const units = /** @type {const} */ ([
  [31_557_600, "y"],
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
]);

/**
 * Formats a duration by its two largest units, such as `3 min 20 s`.
 * @param {number} seconds
 */
export function duration(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  let left = Math.round(seconds);
  const parts = [];
  for (const [size, unit] of units) {
    const whole = Math.floor(left / size);
    left -= whole * size;
    if (whole > 0) parts.push(`${number(whole)} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** @param {number} count */
export function bytes(count) {
  if (count < 1_024) return `${count} B`;
  if (count < 1_048_576) return `${Math.round(count / 1_024)} KiB`;
  return `${Math.round((count / 1_048_576) * 10) / 10} MiB`;
}

/**
 * Formats a time of day, with the date when it is not today.
 * @param {number} ms
 */
export function moment(ms) {
  const date = new Date(ms);
  return date.toDateString() === new Date().toDateString()
    ? times.format(date)
    : dates.format(date);
}

/** @param {number} ms */
export function minute(ms) {
  return minutes.format(new Date(ms));
}

export const attemptWords = {
  start: "while starting a session with Sell",
  fetch: "while fetching from Sell",
  acknowledge: "while acknowledging to Sell",
  publish: "while writing to Kafka",
  registry: "while asking the schema registry",
  drain: "at the end of a drain",
};
