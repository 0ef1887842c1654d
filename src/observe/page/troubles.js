import { createElement, element } from "./dom.js";
import { duration, moment, number } from "./words.js";

/** @import { Trouble } from "../troubles/trouble.ts" */

const SHOWN_TYPES = 10;

/**
 * Shows one row for each trouble, without what the headline and the detail above say already.
 * @param {readonly Trouble[]} troubles
 * @param {{ headline: string, detail: string }} above
 * @param {number} nowMs
 */
export function renderTroubles(troubles, above, nowMs) {
  const list = element("troubles");
  list.hidden = troubles.length === 0;
  const wanted = JSON.stringify([
    troubles.map((one) => ({ ...one, sinceMs: 0, nextTryMs: 0 })),
    above,
  ]);
  // A row that stays keeps what somebody has selected in it, or opened.
  if (list.dataset["rendered"] !== wanted) {
    list.dataset["rendered"] = wanted;
    list.replaceChildren(...troubles.map((one) => createRow(one, above)));
  }
  troubles.forEach((trouble, row) => {
    const times = list.children[row]?.querySelector(".times");
    if (times) times.textContent = timesOf(trouble, nowMs);
  });
}

/**
 * @param {Trouble} trouble
 * @param {{ headline: string, detail: string }} above
 */
function createRow(trouble, { headline, detail }) {
  const row = document.createElement("li");
  if (trouble.headline !== headline)
    row.append(createElement("strong", trouble.headline));
  row.append(createElement("p", trouble.reason, "lines"));
  const concern = concernOf(trouble);
  if (concern !== "") row.append(createElement("p", concern));
  if (trouble.remedy !== detail)
    row.append(createElement("p", trouble.remedy, "lines"));
  if (trouble.command !== null) row.append(createCommand(trouble.command));
  row.append(createElement("p", "", "times dim"));
  return row;
}

/** @param {string} command */
function createCommand(command) {
  const details = document.createElement("details");
  const text = createElement("pre", "");
  text.append(createElement("code", command));
  details.append(createElement("summary", "Commands to paste"), text);
  return details;
}

/** @param {Trouble} trouble */
function concernOf({ records, typeCount, types }) {
  if (records === null || typeCount === null) return "";
  const shown = types.slice(0, SHOWN_TYPES);
  const more = typeCount - shown.length;
  const names = `${shown.join(", ")}${more > 0 ? ` and ${number(more)} more` : ""}`;
  return `${counted(records, "record")} of ${counted(typeCount, "type")}: ${names}`;
}

/** @param {number} count @param {string} word */
function counted(count, word) {
  return `${number(count)} ${word}${count === 1 ? "" : "s"}`;
}

/** @param {Trouble} trouble @param {number} nowMs */
function timesOf({ code, host, sinceMs, nextTryMs }, nowMs) {
  const lastsSeconds = Math.max(0, Math.round((nowMs - sinceMs) / 1_000));
  const leftSeconds = Math.round((nextTryMs - nowMs) / 1_000);
  return [
    code,
    ...(host === null ? [] : [host]),
    `since ${moment(sinceMs)} (${duration(lastsSeconds)})`,
    leftSeconds <= 0 ? "tried now" : `next try in ${duration(leftSeconds)}`,
  ].join(" · ");
}
