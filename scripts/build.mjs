// Makes dist/, what the command `sell-kafka` runs, from src/: few files, since each takes time at the start.
import { chmodSync, cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

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
  // Libraries are loaded from node_modules; the compiler's own helpers are built in.
  external: /^(?!@oxc-project\/)[@a-z]/,
  transform: { target: "node22.19" },
});
// All files are beside each other: src/program-folder.ts finds other files from there.
await bundle.write({ dir: dist, format: "esm", entryFileNames: "[name].js" });

const page = join("observe", "page");
cpSync(join(src, page), join(dist, page), { recursive: true });
chmodSync(join(dist, "main.js"), 0o755);
