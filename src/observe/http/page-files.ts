import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
}

/** Beside this file, in `src` and in `dist`. */
const page = new URL("../page/", import.meta.url);
const chart = pathToFileURL(createRequire(import.meta.url).resolve("uplot"));

const HTML = "text/html; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const JAVASCRIPT = "text/javascript; charset=utf-8";

/** `status` shows one connector, `fleet` all of a process. */
export type PageName = "status" | "fleet";

/** The files of a page by their names, itself by none; nothing else is ever read. */
export function pageFiles(name: PageName): ReadonlyMap<string, PageFile> {
  const file = (contentType: string, path: string, folder = page) => ({
    contentType,
    body: readFileSync(new URL(path, folder)),
  });
  return new Map([
    ["", file(HTML, `${name}.html`)],
    ["fleet.js", file(JAVASCRIPT, "fleet.js")],
    ["status.css", file(CSS, "status.css")],
    ["status.js", file(JAVASCRIPT, "status.js")],
    ["chart.js", file(JAVASCRIPT, "chart.js")],
    ["dom.js", file(JAVASCRIPT, "dom.js")],
    ["live.js", file(JAVASCRIPT, "live.js")],
    ["words.js", file(JAVASCRIPT, "words.js")],
    ["favicon.svg", file("image/svg+xml", "favicon.svg")],
    ["uplot.js", file(JAVASCRIPT, "uPlot.esm.js", chart)],
    ["uplot.css", file(CSS, "uPlot.min.css", chart)],
  ]);
}
