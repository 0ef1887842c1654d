// Makes dist/, what the command `sell-kafka` runs, from src/.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
rmSync(join(root, "dist"), { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [
    join(root, "node_modules", "typescript", "bin", "tsc"),
    "-p",
    "tsconfig.build.json",
  ],
  { cwd: root, stdio: "inherit" },
);
if (status !== 0) process.exit(1);
// TypeScript 6.0 leaves the extension of an import() as it is in a function with a `using` declaration.
const dist = join(root, "dist");
const broken = readdirSync(dist, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".js"))
  .filter((file) =>
    /\bimport\("[^"]+\.ts"\)/.test(readFileSync(join(dist, file), "utf8")),
  );
if (broken.length > 0) {
  process.stderr.write(
    `an import() beside a "using" declaration is not compiled in: ${broken.join(", ")}; move it into a function of its own\n`,
  );
  process.exit(1);
}
// The compiler leaves alone what is no TypeScript.
const page = join("observe", "page");
cpSync(join(root, "src", page), join(root, "dist", page), { recursive: true });
chmodSync(join(root, "dist", "main.js"), 0o755);
