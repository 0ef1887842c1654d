import { element, headed, made, put, show } from "./dom.js";
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
  put("headline", headline);
  put(
    "detail",
    group === null
      ? `${number(here)} run in this process.`
      : `${number(here)} run in this process; ${number(instances.length)} instances share the group ${group}.`,
  );
  put("folder", status.folder);
  put("instance", `on ${instance}`);
  renderTroubles(status);
  renderConnectors(connectors);
}

/** @param {FleetStatus} status */
function renderTroubles({ troubles }) {
  const list = element("troubles");
  const told = JSON.stringify(troubles);
  list.hidden = troubles.length === 0;
  if (list.dataset["told"] === told) return;
  list.dataset["told"] = told;
  const shown = troubles.slice(0, SHOWN_TROUBLES).map(({ reason, remedy }) => {
    const item = made("li", "");
    item.append(made("strong", reason), made("span", remedy));
    return item;
  });
  const more = troubles.length - shown.length;
  if (more > 0) shown.push(made("li", `and ${number(more)} more; see status`));
  list.replaceChildren(...shown);
}

/** @param {readonly ConnectorLine[]} connectors */
function renderConnectors(connectors) {
  show("connectors", connectors.length > 0);
  show("no-connectors", connectors.length === 0);
  const body = element("connector-rows");
  const told = JSON.stringify(connectors);
  if (body.dataset["told"] === told) return;
  body.dataset["told"] = told;
  body.replaceChildren(...connectors.map(row));
}

/** @param {ConnectorLine} line */
function row(line) {
  const one = document.createElement("tr");
  const head = headed("row", "");
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
    made("td", line.headline, line.ready ? "" : "trouble"),
    made("td", line.runsOn ?? "–"),
    ...counts.map((count) => made("td", isHere ? number(count) : "–")),
    made(
      "td",
      line.lastCompleteAtMs === null ? "–" : moment(line.lastCompleteAtMs),
    ),
  );
  return one;
}

follow(render);
