// Makes dist/, what the command `sell-kafka` runs, from src/: few files, since each takes time at the start.
import {
  chmodSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/**
 * These libraries are built in: to load them from their own files is a quarter of the time of a short
 * command. They are devDependencies. All others are loaded from node_modules.
 */
const BUILT_IN = [
  "@commander-js/extra-typings",
  "commander",
  "fastest-levenshtein",
  "jsonc-parser",
  "kafkajs",
  "undici",
  "uuid",
  "zod",
];
/** The compiler imports its own helpers by this name. */
const COMPILER = /^@oxc-project\//;
/**
 * What commander gets in place of modules of Node.js that load many others: 10 ms of each command.
 * It starts other programs only for commands that are files of their own, and there are none.
 */
const IN_COMMANDER = {
  "node:process": "export default globalThis.process;",
  "node:child_process": "export default {};",
};
const LIGHT = /^commander's (.*)$/;
const lightCommander = {
  name: "light-commander",
  resolveId: (id, importer) =>
    isLight(id, importer) ? `commander's ${id}` : null,
  load: (id) => IN_COMMANDER[LIGHT.exec(id)?.[1]] ?? null,
};
/**
 * The large files of dist/: some modules with all that they import, except what a file above has.
 * The first one reports what keeps the others from being loaded. rolldown makes the other, smaller ones.
 * A larger file would leave an idle process with more memory, since V8 parses each as a whole.
 */
const LARGE_FILES = {
  errors: /src.cli.fatal-errors\.ts$/,
  program:
    /src.(cli.(program|command-of)|domain.faults|format.(headers|names)|lib.text.counted)\.ts$|@oxc-project/,
  kafkajs: /node_modules.kafkajs/,
  undici: /node_modules.undici/,
  app: /src.cli.open-app\.ts$/,
  connector: /src.app.(sync-connector|observability)\.ts$/,
};
const LIBRARY_FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [src, dist] = [join(root, "src"), join(root, "dist")];
rmSync(dist, { recursive: true, force: true });

await using bundle = await rolldown({
  cwd: src,
  platform: "node",
  // Each is the main file of a process.
  input: {
    main: "./main.ts",
    healthcheck: "./healthcheck.ts",
    reaper: "./local/reaper/reaper.ts",
  },
  external: (id, importer) =>
    /^[@a-z]/.test(id) &&
    !COMPILER.test(id) &&
    !BUILT_IN.some((name) => id === name || id.startsWith(`${name}/`)) &&
    !LIGHT.test(id) &&
    !isLight(id, importer),
  plugins: [lightCommander],
  resolve: { mainFields: ["module", "main"] },
  transform: { target: "node22.19" },
});
// All files are beside each other: src/program-folder.ts finds other files from there.
const { output } = await bundle.write({
  dir: dist,
  format: "esm",
  entryFileNames: "[name].js",
  comments: false,
  codeSplitting: { groups: largeFiles() },
});
for (const { fileName, code } of output)
  if (code !== undefined) writeFileSync(join(dist, fileName), compact(code));
writeFileSync(join(dist, "LICENSES.txt"), licenses(output));

const page = join("observe", "page");
cpSync(join(src, page), join(dist, page), { recursive: true });
chmodSync(join(dist, "main.js"), 0o755);

/** A module goes into the group of the highest priority that wants it, or what imports it. */
function largeFiles() {
  return Object.entries(LARGE_FILES)
    .reverse()
    .map(([name, test], priority) => ({ name, test, priority }));
}

/** Makes the code of a file the smallest in V8's memory: an idle process takes 6 MB less. */
function compact(code) {
  return asciiOf(lazyModules(code));
}

/** Takes away the parentheses that make V8 compile all modules of a CommonJS library, used or not. */
function lazyModules(code) {
  const lazy = code.replace(
    /^(var \S+ = __commonJSMin\()\((\([^)]*\) => \{\n.*?^\})\)\);$/gms,
    "$1$2);",
  );
  if (lazy.includes("__commonJSMin((("))
    throw new Error("rolldown writes CommonJS modules in another form");
  return lazy;
}

/** V8 keeps the text of a file with any other character in twice the memory. */
function asciiOf(code) {
  return code.replace(
    /[^\0-\x7f]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function isLight(id, importer = "") {
  return importer.includes("/commander/") && id in IN_COMMANDER;
}

/** The licenses of the libraries that are built in, which they want with each copy. */
function licenses(chunks) {
  const folders = new Set(
    chunks
      .flatMap(({ moduleIds = [] }) => moduleIds)
      .flatMap((id) => LIBRARY_FOLDER.exec(id)?.[0] ?? []),
  );
  return [...folders].sort().map(licenseOf).join("\n");
}

function licenseOf(folder) {
  const { name, version } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined) throw new Error(`${basename(folder)} has no license`);
  const text = readFileSync(join(folder, file), "utf8").trim();
  return `${name} ${version}\n\n${text}\n`;
}
