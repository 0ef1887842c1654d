// Installs the dependencies when they are missing or out of date. Runs before anything is
// installed, so it needs nothing but Node.js 20 itself.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, "node_modules", ".installed");
const lock = readFileSync(join(root, "package-lock.json"));
const wanted = createHash("sha256").update(lock).digest("hex");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  console.error(
    "Installing dependencies and the pinned Node.js (npm ci, about 20 seconds)...",
  );
  const npm = process.env.npm_execpath;
  const [command, ...args] =
    npm === undefined ? ["npm"] : [process.execPath, npm];
  const { status, error } = spawnSync(
    command,
    [...args, "ci", "--loglevel=error"],
    // Standard output belongs to the command that comes after.
    { cwd: root, stdio: ["ignore", 2, 2] },
  );
  if (status !== 0) {
    console.error(
      `npm ci failed${error === undefined ? "" : `: ${error.message}`}; mend what it says above, then try again`,
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}
