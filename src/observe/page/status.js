import { Charts } from "./chart.js";
import {
  createElement,
  createHeaderCell,
  element,
  setText,
  show,
} from "./dom.js";
import { follow } from "./live.js";
import { renderTroubles } from "./troubles.js";
import {
  attemptWords,
  bytes,
  duration,
  minute,
  moment,
  number,
} from "./words.js";

/** @import { Status } from "../status/status.ts" */

const charts = new Charts(element("rate-chart"), element("lag-chart"));
/** @type {Status | null} */
let latest = null;

/** @param {Status} status */
function render(status) {
  latest = status;
  document.title = `${status.activity.headline} · ${status.connector}`;
  setText("connector", status.connector);
  setText("sell", status.sell);
  setText("to", status.to);
  renderNow(status);
  renderFigures(status);
  charts.show(status.timeline);
  renderMinutes(status);
  renderTypes(status);
  renderErrors(status);
  renderSettings(status);
}

/** @param {Status} status */
function renderNow({ activity, drain, troubles, atMs }) {
  element("now").dataset["mood"] = activity.mood;
  setText("headline", activity.headline);
  setText("detail", activity.detail);
  show("progress", drain?.session != null);
  if (drain !== null) renderProgress(drain);
  renderTroubles(troubles, activity, atMs);
}

/** @param {NonNullable<Status["drain"]>} drain */
function renderProgress({ done, total, perSecond, secondsLeft }) {
  const bar = /** @type {HTMLProgressElement} */ (element("bar"));
  if (total === null || total === 0) bar.removeAttribute("value");
  else bar.value = done / total;
  const words = [
    total === null
      ? `${number(done)} records`
      : `${number(done)} of about ${number(total)} records`,
    perSecond === null ? "" : `${number(perSecond)} a second`,
    secondsLeft === null || secondsLeft < 1
      ? ""
      : `about ${duration(secondsLeft)} left`,
  ].filter((text) => text !== "");
  const line = element("progress-words");
  if (line.textContent !== words.join(""))
    line.replaceChildren(...words.map((text) => createElement("span", text)));
}

/** @param {Status} status */
function renderFigures(status) {
  const { totals, buffered, unacknowledged, timeline } = status;
  const { published, stepSeconds } = timeline;
  const lastMinute = published.slice(-60 / stepSeconds);
  setText("published", number(totals.published));
  setText("per-minute", number(lastMinute.reduce((sum, one) => sum + one, 0)));
  if (status.lastCompleteAtMs === null)
    setTextWithUnit("lag", "–", "until caught up");
  else if (status.lagSeconds === null) setText("lag", "–");
  else
    setTextWithUnit(
      "lag",
      duration(status.lagSeconds),
      status.activity.mood === "bad" ? "and growing" : "median",
    );
  setText("acknowledged", number(totals.acknowledged));
  setTextWithUnit("buffered", number(buffered.items), bytes(buffered.bytes));
  setText("unacknowledged", number(unacknowledged));
  setTextWithUnit(
    "throttled",
    number(totals.throttled),
    `of ${number(totals.requests)}`,
  );
  setText("dead-lettered", number(totals.deadLettered));
  element("dead").dataset["mood"] = totals.deadLettered > 0 ? "bad" : "";
}

/** @param {string} id @param {string} figure @param {string} unit */
function setTextWithUnit(id, figure, unit) {
  if (element(id).textContent === `${figure} ${unit}`) return;
  element(id).replaceChildren(`${figure} `, createElement("small", unit));
}

/** @param {Status} status */
function renderMinutes({ timeline }) {
  const details = /** @type {HTMLDetailsElement} */ (element("minutes"));
  if (!details.open) return;
  const { stepSeconds, endsAtMs, published, lagSeconds, outage } = timeline;
  const startMs = endsAtMs - published.length * stepSeconds * 1_000;
  /** @type {Map<string, { published: number, lag: number | null, isOutage: boolean }>} */
  const byMinute = new Map();
  published.forEach((count, step) => {
    const name = minute(startMs + step * stepSeconds * 1_000);
    const known = byMinute.get(name);
    byMinute.set(name, {
      published: (known?.published ?? 0) + count,
      lag: lagSeconds[step] ?? known?.lag ?? null,
      isOutage: outage[step] === true || known?.isOutage === true,
    });
  });
  const rows = [...byMinute]
    .reverse()
    .map(([name, { published, lag, isOutage }]) => {
      const row = document.createElement("tr");
      row.append(
        createHeaderCell("row", name),
        createElement("td", number(published)),
        createElement("td", lag === null ? "–" : duration(lag)),
        createElement("td", isOutage ? "out of reach" : "", "trouble"),
      );
      return row;
    });
  element("minute-rows").replaceChildren(...rows);
}

const typeColumns = /** @type {const} */ ([
  { name: "created", title: "Created" },
  { name: "updated", title: "Updated" },
  { name: "deleted", title: "Deleted" },
  { name: "superseded", title: "Superseded", isRare: true },
  { name: "duplicates", title: "Duplicates", isRare: true },
  { name: "deferred", title: "Waiting now", isRare: true, isBad: true },
  { name: "deadLettered", title: "Dead letters", isRare: true, isBad: true },
  { name: "failedObjects", title: "Not read", isRare: true, isBad: true },
]);

/** @param {Status} status */
function renderTypes({ types, topics }) {
  show("types", types.length > 0);
  show("no-types", types.length === 0);
  const wanted = JSON.stringify(types);
  const body = element("type-rows");
  if (body.dataset["rendered"] === wanted) return;
  body.dataset["rendered"] = wanted;
  const columns = typeColumns.filter(
    (column) =>
      !("isRare" in column) || types.some((figures) => figures[column.name]),
  );
  const hasTopics = topics.includes("{type}");
  const heads = [hasTopics ? "Topic" : "Type", ...columns.map((c) => c.title)];
  element("type-heads").replaceChildren(
    ...heads.map((title) => createHeaderCell("col", title)),
  );
  body.replaceChildren(
    ...types.map((figures) => {
      const topic = topics.replaceAll("{type}", figures.type);
      const row = document.createElement("tr");
      row.append(createHeaderCell("row", hasTopics ? topic : figures.type));
      for (const column of columns) {
        const count = figures[column.name];
        const alarm = "isBad" in column ? "trouble" : "";
        row.append(
          createElement("td", number(count), count === 0 ? "none" : alarm),
        );
      }
      return row;
    }),
  );
}

/** @param {Status} status */
function renderErrors({ lastError, troubles, deadLetters, deadLetterTopic }) {
  show("error", lastError !== null);
  show("error-none", lastError === null);
  setText(
    "error-none",
    troubles.length === 0
      ? "None since the start."
      : "No attempt has failed since the start. What is wrong now is at the top.",
  );
  if (lastError !== null) {
    const { atMs, what, reason, remedy, isOver } = lastError;
    setText("error-when", `${moment(atMs)}, ${attemptWords[what]}`);
    const isAbove = troubles.some(
      (one) => one.reason.includes(reason) || reason.includes(one.reason),
    );
    setText("error-reason", isAbove ? "It lasts: see the top." : reason);
    if (isAbove) setText("error-remedy", "");
    else
      setText(
        "error-remedy",
        isOver ? "It is over: this works again." : remedy,
      );
  }
  setText("dead-letter-topic", deadLetterTopic);
  show("letters", deadLetters.length > 0);
  show("letters-none", deadLetters.length === 0);
  const list = element("letters");
  const wanted = JSON.stringify(deadLetters);
  if (list.dataset["rendered"] === wanted) return;
  list.dataset["rendered"] = wanted;
  list.replaceChildren(
    ...deadLetters.map(({ atMs, count, type, stage, reason }) => {
      const item = document.createElement("li");
      item.append(
        createElement(
          "span",
          `${number(count)} of ${type}, stage ${stage}, last ${moment(atMs)}`,
          "dim",
        ),
        createElement("span", reason, "said"),
      );
      return item;
    }),
  );
}

/** @param {Status} status */
function renderSettings(status) {
  const { topics, envelope, layout, schemaRegistry, device, version } = status;
  const { valueTitle, customFieldsUnknown } = status;
  setText("topics", topics);
  setText(
    "format",
    `${envelope} envelope, ${valueTitle}${layout === "columns" ? " in columns" : ""}`,
  );
  setText(
    "custom-fields",
    layout !== "columns"
      ? "as Sell has them, in custom_fields"
      : customFieldsUnknown === null
        ? "a typed column each"
        : `JSON text, for their definitions are unknown: ${customFieldsUnknown}`,
  );
  setText("registry", schemaRegistry ?? "not used");
  setText("device", device ?? "not known before Kafka is reached");
  setText(
    "last-complete",
    status.lastCompleteAtMs === null ? "none" : moment(status.lastCompleteAtMs),
  );
  setText("version", version);
  setText("uptime", duration((status.atMs - status.startedAtMs) / 1_000));
}

element("minutes").addEventListener("toggle", () => {
  if (latest !== null) renderMinutes(latest);
});
follow(render);
