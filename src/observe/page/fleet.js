import {
  createElement,
  createHeaderCell,
  element,
  setText,
  show,
} from "./dom.js";
import { follow } from "./live.js";
import { moment, number } from "./words.js";

/** @import { RefusedFile } from "../../domain/supervision.ts" */
/** @import { ConnectorLine, FleetStatus } from "../status/fleet-status.ts" */

const COLUMNS = 8;

/** @param {FleetStatus} status */
function render(status) {
  const { connectors, instance, instances, group, headline, mood } = status;
  const here = connectors.filter(({ state }) => state === "running").length;
  document.title = `${headline} · sell-kafka`;
  element("now").dataset["mood"] = mood;
  setText("headline", headline);
  setText(
    "detail",
    group === null
      ? `${number(here)} run in this process.`
      : `${number(here)} run in this process; ${number(instances.length)} instances share the group ${group}.`,
  );
  setText("folder", status.folder);
  setText("instance", `on ${instance}`);
  renderTroubles(status);
  renderRows(status);
}

/**
 * Lists what concerns the process; the rows of the table have the rest.
 * @param {FleetStatus} status
 */
function renderTroubles({ troubles }) {
  const list = element("troubles");
  const shown = troubles.filter(
    ({ code }) => code !== "connector" && code !== "file",
  );
  const wanted = JSON.stringify(shown.map(({ reason }) => reason));
  list.hidden = shown.length === 0;
  if (list.dataset["rendered"] === wanted) return;
  list.dataset["rendered"] = wanted;
  list.replaceChildren(
    ...shown.map(({ reason, remedy }) => {
      const item = createElement("li", "");
      item.append(
        createElement("strong", reason),
        createElement("span", remedy),
      );
      return item;
    }),
  );
}

/** @param {FleetStatus} status */
function renderRows({ connectors, refused }) {
  const rows = connectors.length + refused.length;
  show("connectors", rows > 0);
  show("no-connectors", rows === 0);
  const body = element("connector-rows");
  const wanted = JSON.stringify([connectors, refused]);
  if (body.dataset["rendered"] === wanted) return;
  body.dataset["rendered"] = wanted;
  body.replaceChildren(
    ...refused.map(createFileRow),
    ...connectors.map(createRow),
  );
}

/** @param {RefusedFile} refused */
function createFileRow({ file, goesOn, reason, remedy }) {
  const row = document.createElement("tr");
  const cell = createElement("td", "", "reason");
  cell.setAttribute("colspan", String(COLUMNS - 1));
  const state =
    goesOn === null ? "Refused" : `Refused; ${goesOn} goes on as it was`;
  cell.append(
    createElement("strong", state),
    createElement("span", reason),
    createElement("span", remedy, "dim"),
  );
  row.append(createHeaderCell("row", file), cell);
  return row;
}

/** @param {ConnectorLine} line */
function createRow(line) {
  const one = document.createElement("tr");
  const head = createHeaderCell("row", "");
  const isHere = line.state === "running" || line.state === "stopping";
  if (isHere) {
    const link = document.createElement("a");
    link.href = `connectors/${line.name}/`;
    link.textContent = line.name;
    head.append(link);
  } else head.textContent = line.name;
  const counts = [
    line.published,
    line.acknowledged,
    line.deadLettered,
    line.buffered,
  ];
  one.append(
    head,
    createStateCell(line),
    createElement("td", line.runsOn ?? "–"),
    ...counts.map((count) => createElement("td", isHere ? number(count) : "–")),
    createElement(
      "td",
      line.lastCompleteAtMs === null ? "–" : moment(line.lastCompleteAtMs),
    ),
  );
  return one;
}

/** @param {ConnectorLine} line */
function createStateCell({ ready, headline, detail }) {
  if (ready) return createElement("td", headline);
  const cell = createElement("td", "", "reason");
  cell.append(createElement("strong", headline), createElement("span", detail));
  return cell;
}

follow(render);
