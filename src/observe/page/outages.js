/**
 * Returns the values of the lag line: it joins steps without a lag, and breaks at an outage.
 * @param {readonly (number | null)[]} lagSeconds
 * @param {readonly boolean[]} outage
 */
export function lagLine(lagSeconds, outage) {
  return lagSeconds.map(
    (lag, step) => lag ?? (outage[step] ? null : undefined),
  );
}

/**
 * Returns the times, in seconds, from the first to the last step of each outage.
 * @param {readonly boolean[]} outage
 * @param {number} start
 * @param {number} stepSeconds
 */
export function spansOf(outage, start, stepSeconds) {
  /** @type {[number, number][]} */
  const spans = [];
  outage.forEach((isOut, step) => {
    if (!isOut) return;
    const from = start + step * stepSeconds;
    const last = spans.at(-1);
    if (last?.[1] === from) last[1] = from + stepSeconds;
    else spans.push([from, from + stepSeconds]);
  });
  return spans;
}
