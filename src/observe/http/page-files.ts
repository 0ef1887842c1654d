import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { programFolder } from "../../program-folder.ts";

export interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
}

const pageFolder = new URL("observe/page/", programFolder);
const uplotFile = pathToFileURL(
  createRequire(import.meta.url).resolve("uplot"),
);

const HTML = "text/html; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const JAVASCRIPT = "text/javascript; charset=utf-8";

/** `status` shows one connector, `fleet` all connectors of a process. */
export type PageName = "status" | "fleet";

/** Reads the files of a page, by name; the page itself has the empty name. No other file is ever served. */
export function readPageFiles(name: PageName): ReadonlyMap<string, PageFile> {
  const read = (contentType: string, path: string, folder = pageFolder) => ({
    contentType,
    body: readFileSync(new URL(path, folder)),
  });
  return new Map([
    ["", read(HTML, `${name}.html`)],
    ["fleet.js", read(JAVASCRIPT, "fleet.js")],
    ["status.css", read(CSS, "status.css")],
    ["status.js", read(JAVASCRIPT, "status.js")],
    ["chart.js", read(JAVASCRIPT, "chart.js")],
    ["dom.js", read(JAVASCRIPT, "dom.js")],
    ["live.js", read(JAVASCRIPT, "live.js")],
    ["outages.js", read(JAVASCRIPT, "outages.js")],
    ["troubles.js", read(JAVASCRIPT, "troubles.js")],
    ["words.js", read(JAVASCRIPT, "words.js")],
    ["favicon.svg", read("image/svg+xml", "favicon.svg")],
    ["uplot.js", read(JAVASCRIPT, "uPlot.esm.js", uplotFile)],
    ["uplot.css", read(CSS, "uPlot.min.css", uplotFile)],
  ]);
}
