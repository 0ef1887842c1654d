import {
  createElement,
  createHeaderCell,
  element,
  setText,
  show,
} from "./dom.js";
import { follow } from "./live.js";
import { moment, number } from "./words.js";

/** @import { ConnectorLine, FleetStatus } from "../status/fleet-status.ts" */

const SHOWN_TROUBLES = 20;

/** @param {FleetStatus} status */
function render(status) {
  const { connectors, troubles, instance, instances, group } = status;
  const ready = connectors.filter((one) => one.ready).length;
  const isWell = ready === connectors.length && troubles.length === 0;
  const headline = isWell
    ? `All ${number(ready)} connectors are well`
    : `${number(ready)} of ${number(connectors.length)} connectors are well`;
  const here = connectors.filter(({ state }) => state === "running").length;
  document.title = `${headline} · sell-kafka`;
  element("now").dataset["mood"] = isWell ? "good" : "warning";
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
  renderConnectors(connectors);
}

/** @param {FleetStatus} status */
function renderTroubles({ troubles }) {
  const list = element("troubles");
  const wanted = JSON.stringify(troubles);
  list.hidden = troubles.length === 0;
  if (list.dataset["rendered"] === wanted) return;
  list.dataset["rendered"] = wanted;
  const shown = troubles.slice(0, SHOWN_TROUBLES).map(({ reason, remedy }) => {
    const item = createElement("li", "");
    item.append(createElement("strong", reason), createElement("span", remedy));
    return item;
  });
  const more = troubles.length - shown.length;
  if (more > 0)
    shown.push(createElement("li", `and ${number(more)} more; see status`));
  list.replaceChildren(...shown);
}

/** @param {readonly ConnectorLine[]} connectors */
function renderConnectors(connectors) {
  show("connectors", connectors.length > 0);
  show("no-connectors", connectors.length === 0);
  const body = element("connector-rows");
  const wanted = JSON.stringify(connectors);
  if (body.dataset["rendered"] === wanted) return;
  body.dataset["rendered"] = wanted;
  body.replaceChildren(...connectors.map(createRow));
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
    createElement("td", line.headline, line.ready ? "" : "trouble"),
    createElement("td", line.runsOn ?? "–"),
    ...counts.map((count) => createElement("td", isHere ? number(count) : "–")),
    createElement(
      "td",
      line.lastCompleteAtMs === null ? "–" : moment(line.lastCompleteAtMs),
    ),
  );
  return one;
}

follow(render);
