import { Charts } from "./chart.js";
import { element, headed, made, put, show } from "./dom.js";
import { follow } from "./live.js";
import { bytes, duration, minute, moment, number } from "./words.js";

/** @import { Status } from "../status/status.ts" */

const charts = new Charts(element("rate-chart"), element("lag-chart"));
/** @type {Status | null} */
let latest = null;

/** @param {Status} status */
function render(status) {
  latest = status;
  document.title = `${status.activity.headline} · ${status.connector}`;
  put("connector", status.connector);
  put("sell", status.sell);
  put("to", status.to);
  renderNow(status);
  renderFigures(status);
  charts.show(status.timeline);
  renderMinutes(status);
  renderTypes(status);
  renderErrors(status);
  renderSetting(status);
}

/** @param {Status} status */
function renderNow({ activity, drain, troubles }) {
  element("now").dataset["mood"] = activity.mood;
  put("headline", activity.headline);
  put("detail", activity.detail);
  show("progress", drain?.session != null);
  if (drain !== null) renderProgress(drain);
  const list = element("troubles");
  const told = troubles.map(({ reason, remedy }) => `${reason}\n${remedy}`);
  if (list.dataset["told"] === told.join("\n")) return;
  list.dataset["told"] = told.join("\n");
  list.replaceChildren(
    ...troubles.map(({ reason, remedy }) => {
      const item = document.createElement("li");
      item.append(made("strong", reason));
      if (remedy !== activity.detail) item.append(made("span", remedy));
      return item;
    }),
  );
  list.hidden = troubles.length === 0;
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
    line.replaceChildren(...words.map((text) => made("span", text)));
}

/** @param {Status} status */
function renderFigures(status) {
  const { totals, buffered, unacknowledged, timeline } = status;
  const { published, lagSeconds, stepSeconds } = timeline;
  const lastMinute = published.slice(-60 / stepSeconds);
  const lag = lagSeconds.findLast((one) => one !== null);
  put("published", number(totals.published));
  put("per-minute", number(lastMinute.reduce((sum, one) => sum + one, 0)));
  if (status.lastCompleteAtMs === null) withUnit("lag", "–", "until caught up");
  else put("lag", lag === undefined ? "–" : duration(lag));
  put("acknowledged", number(totals.acknowledged));
  withUnit("buffered", number(buffered.items), bytes(buffered.bytes));
  put("unacknowledged", number(unacknowledged));
  withUnit(
    "throttled",
    number(totals.throttled),
    `of ${number(totals.requests)}`,
  );
  put("dead-lettered", number(totals.deadLettered));
  element("dead").dataset["mood"] = totals.deadLettered > 0 ? "bad" : "";
}

/** @param {string} id @param {string} figure @param {string} unit */
function withUnit(id, figure, unit) {
  if (element(id).textContent === `${figure} ${unit}`) return;
  element(id).replaceChildren(`${figure} `, made("small", unit));
}

/** @param {Status} status */
function renderMinutes({ timeline }) {
  const details = /** @type {HTMLDetailsElement} */ (element("minutes"));
  if (!details.open) return;
  const { stepSeconds, endsAtMs, published, lagSeconds } = timeline;
  const startMs = endsAtMs - published.length * stepSeconds * 1_000;
  /** @type {Map<string, { published: number, lag: number | null }>} */
  const byMinute = new Map();
  published.forEach((count, step) => {
    const name = minute(startMs + step * stepSeconds * 1_000);
    const known = byMinute.get(name);
    byMinute.set(name, {
      published: (known?.published ?? 0) + count,
      lag: lagSeconds[step] ?? known?.lag ?? null,
    });
  });
  const rows = [...byMinute].reverse().map(([name, { published, lag }]) => {
    const row = document.createElement("tr");
    row.append(
      headed("row", name),
      made("td", number(published)),
      made("td", lag === null ? "–" : duration(lag)),
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
  { name: "deferred", title: "Deferred", isRare: true, isBad: true },
  { name: "deadLettered", title: "Dead letters", isRare: true, isBad: true },
  { name: "failedObjects", title: "Not read", isRare: true, isBad: true },
]);

/** @param {Status} status */
function renderTypes({ types, topics }) {
  show("types", types.length > 0);
  show("no-types", types.length === 0);
  const told = JSON.stringify(types);
  const body = element("type-rows");
  if (body.dataset["told"] === told) return;
  body.dataset["told"] = told;
  const columns = typeColumns.filter(
    (column) =>
      !("isRare" in column) || types.some((figures) => figures[column.name]),
  );
  const hasTopics = topics.includes("{type}");
  const heads = [hasTopics ? "Topic" : "Type", ...columns.map((c) => c.title)];
  element("type-heads").replaceChildren(
    ...heads.map((title) => headed("col", title)),
  );
  body.replaceChildren(
    ...types.map((figures) => {
      const topic = topics.replaceAll("{type}", figures.type);
      const row = document.createElement("tr");
      row.append(headed("row", hasTopics ? topic : figures.type));
      for (const column of columns) {
        const count = figures[column.name];
        const alarm = "isBad" in column ? "trouble" : "";
        row.append(made("td", number(count), count === 0 ? "none" : alarm));
      }
      return row;
    }),
  );
}

/** @param {Status} status */
function renderErrors({ lastError, deadLetters, deadLetterTopic }) {
  show("error", lastError !== null);
  show("error-none", lastError === null);
  if (lastError !== null) {
    const { atMs, what, reason, remedy, isOver } = lastError;
    put("error-when", `${moment(atMs)}, ${deeds[what]}`);
    put("error-reason", reason);
    put("error-remedy", isOver ? "It is over: this works again." : remedy);
  }
  put("dead-letter-topic", deadLetterTopic);
  show("letters", deadLetters.length > 0);
  show("letters-none", deadLetters.length === 0);
  const list = element("letters");
  const told = JSON.stringify(deadLetters);
  if (list.dataset["told"] === told) return;
  list.dataset["told"] = told;
  list.replaceChildren(
    ...deadLetters.map(({ atMs, type, stage, reason }) => {
      const item = document.createElement("li");
      item.append(
        made("span", `${moment(atMs)}, ${type}, stage ${stage}`, "dim"),
        made("span", reason, "said"),
      );
      return item;
    }),
  );
}

const deeds = {
  start: "while starting a session with Sell",
  fetch: "while fetching from Sell",
  acknowledge: "while acknowledging to Sell",
  publish: "while writing to Kafka",
  registry: "while asking the schema registry",
  drain: "at the end of a drain",
};

/** @param {Status} status */
function renderSetting(status) {
  const { topics, envelope, valueTitle, schemaRegistry, device, version } =
    status;
  put("topics", topics);
  put("format", `${envelope} envelope, ${valueTitle}`);
  put("registry", schemaRegistry ?? "not used");
  put("device", device ?? "not known before Kafka is reached");
  put(
    "last-complete",
    status.lastCompleteAtMs === null ? "none" : moment(status.lastCompleteAtMs),
  );
  put("version", version);
  put("uptime", duration((status.atMs - status.startedAtMs) / 1_000));
}

element("minutes").addEventListener("toggle", () => {
  if (latest !== null) renderMinutes(latest);
});
follow(render);
