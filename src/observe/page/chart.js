import { lagLine, spansOf } from "./outages.js";
import uPlot from "./uplot.js";
import { duration, minute, number } from "./words.js";

/** @import { TimelineFigures } from "../status/timeline.ts" */

const HEIGHT = 150;
const SHORTEST_SECONDS = 300;
const MOST_LAG_TICKS = 6;
const lagTicks = [
  0.01, 0.1, 1, 10, 60, 600, 3_600, 36_000, 864_000, 31_557_600, 315_576_000,
];

/** Returns a function that reads a colour of the style sheet, which differs in light and dark mode. */
const colour = (/** @type {string} */ name) => () => {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

/** @type {uPlot.Axis} */
const axis = {
  stroke: colour("dim"),
  grid: { stroke: colour("line"), width: 1 },
  ticks: { show: false },
  font: "12px system-ui, sans-serif",
};

/** @type {uPlot.Axis} */
const timeAxis = {
  ...axis,
  grid: { show: false },
  values: (_, splits) => splits.map((split) => minute(split * 1_000)),
  incrs: [60, 120, 300, 600],
  space: 80,
  size: 28,
};

/**
 * Draws an empty chart that follows the size of its element and the colour scheme.
 * @param {HTMLElement} element
 * @param {uPlot.Series} series
 * @param {uPlot.Scale} scale
 * @param {Partial<uPlot.Axis>} valueAxis
 */
function createPlot(element, series, scale, valueAxis) {
  /** @type {[number, number]} */
  const range = [0, 1];
  /** @type {readonly [number, number][]} */
  let outages = [];
  const plot = new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: true, range: () => range }, y: scale },
      series: [{}, series],
      axes: [timeAxis, { ...axis, size: 62, ...valueAxis }],
      hooks: {
        drawClear: [
          (drawn) => {
            for (const outage of outages) markOutage(drawn, outage);
          },
        ],
      },
    },
    [[], []],
    element,
  );
  new ResizeObserver(() => {
    plot.setSize({ width: element.clientWidth, height: HEIGHT });
  }).observe(element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    plot.redraw();
  });
  return {
    /**
     * @param {uPlot.AlignedData} data
     * @param {[number, number]} span
     * @param {readonly [number, number][]} marked
     */
    show(data, span, marked) {
      outages = marked;
      [range[0], range[1]] = span;
      plot.setData(data);
    },
  };
}

/**
 * Draws a band behind the time in which nothing could reach Kafka.
 * @param {uPlot} plot
 * @param {[number, number]} span
 */
function markOutage(plot, [from, to]) {
  const { ctx, bbox } = plot;
  const left = Math.max(bbox.left, plot.valToPos(from, "x", true));
  const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, "x", true));
  if (right <= left) return;
  ctx.save();
  ctx.globalAlpha = 0.2;
  ctx.fillStyle = colour("bad")();
  ctx.fillRect(left, bbox.top, right - left, bbox.height);
  ctx.restore();
}

/** The charts of throughput and lag. */
export class Charts {
  #rate;
  #lag;
  #rateElement;
  #lagElement;

  /** @param {HTMLElement} rateElement @param {HTMLElement} lagElement */
  constructor(rateElement, lagElement) {
    const { bars } = uPlot.paths;
    this.#rateElement = rateElement;
    this.#lagElement = lagElement;
    this.#rate = createPlot(
      rateElement,
      {
        fill: colour("busy"),
        width: 0,
        points: { show: false },
        ...(bars && { paths: bars({ size: [0.85, 40], align: 1 }) }),
      },
      { range: (_, __, most) => [0, Math.max(10, most * 1.05)] },
      { values: (_, splits) => splits.map(number) },
    );
    this.#lag = createPlot(
      lagElement,
      {
        stroke: colour("busy"),
        width: 2,
        spanGaps: false,
        points: { show: true, size: 5, fill: colour("busy") },
      },
      { distr: 3, range: (_, least, most) => lagRange(least, most) },
      {
        splits: (_, __, least, most) => spacedTicks(least, most),
        filter: (_, splits) => splits,
        values: (_, splits) => splits.map(duration),
      },
    );
  }

  /** @param {TimelineFigures} timeline */
  show({ stepSeconds, endsAtMs, published, lagSeconds, outage }) {
    const end = endsAtMs / 1_000;
    const start = end - published.length * stepSeconds;
    const perMinute = published.map((count) => (count * 60) / stepSeconds);
    const starts = published.map((_, step) => start + step * stepSeconds);
    const middles = starts.map((at) => at + stepSeconds / 2);
    /** @type {[number, number]} */
    const span = [Math.min(start, end - SHORTEST_SECONDS), end];
    const outages = spansOf(outage, start, stepSeconds);
    this.#rate.show([starts, perMinute], span, outages);
    this.#lag.show([middles, lagLine(lagSeconds, outage)], span, outages);
    const outSeconds = outage.filter((isOut) => isOut).length * stepSeconds;
    this.#describe(perMinute, lagSeconds, {
      seconds: end - start,
      outSeconds,
    });
  }

  /**
   * @param {readonly number[]} perMinute
   * @param {readonly (number | null)[]} lagSeconds
   * @param {{ seconds: number, outSeconds: number }} times
   */
  #describe(perMinute, lagSeconds, { seconds, outSeconds }) {
    const over = `over the last ${duration(seconds)}`;
    const out =
      outSeconds === 0
        ? ""
        : ` A server was out of reach for ${duration(outSeconds)}.`;
    this.#rateElement.ariaLabel = `Bar chart ${over}: at most ${number(Math.max(...perMinute))} changes per minute, now ${number(perMinute.at(-1) ?? 0)}.${out}`;
    const known = lagSeconds.filter((lag) => lag !== null);
    this.#lagElement.ariaLabel =
      known.length === 0
        ? `Line chart ${over}: nothing was published.${out}`
        : `Line chart ${over}: between ${duration(Math.min(...known))} and ${duration(Math.max(...known))}, last ${duration(known.at(-1) ?? 0)}.${out}`;
  }
}

/**
 * Returns the lag ticks in a range, without those that leave no room for their labels.
 * @param {number} least
 * @param {number} most
 */
function spacedTicks(least, most) {
  const share = Math.log(most / least) / MOST_LAG_TICKS;
  /** @type {number[]} */
  const kept = [];
  for (const tick of lagTicks) {
    if (tick < least || tick > most) continue;
    const last = kept.at(-1);
    if (last === undefined || Math.log(tick / last) >= share) kept.push(tick);
  }
  return kept;
}

/**
 * Returns the nearest lag ticks around the shown values.
 * @param {number | null} least
 * @param {number | null} most
 * @returns {[number, number]}
 */
function lagRange(least, most) {
  if (least === null || most === null) return [1, 60];
  const from = lagTicks.findLast((tick) => tick <= least) ?? 0.001;
  const to = lagTicks.find((tick) => tick >= most && tick > from) ?? most;
  return [from, to];
}
