import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isFolder } from "../../../src/local/artifacts.ts";
import { cacheFolder } from "../../../src/lib/process/cache-folder.ts";

const run = promisify(execFile);
const ofTests = new URL("./requirements.txt", import.meta.url);

/** The pinned packages of a file, in a folder of the cache; made when it is missing. */
export async function preparePython(
  say: (line: string) => void,
  requirements = ofTests,
): Promise<string> {
  const text = await readFile(requirements, "utf8");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const cache = cacheFolder(process.env);
  const folder = join(cache, `python-${hash}`);
  const python = join(folder, "packages");
  if (await isFolder(folder)) return python;
  say("installing Python packages that tests use");
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(`${folder}.partial-`);
  try {
    const pip = ["-m", "pip", "install", "--quiet", "--target"];
    await run("python3", ["-m", "venv", join(work, "venv")]);
    await run(join(work, "venv", "bin", "python"), [
      ...pip,
      join(work, "packages"),
      "-r",
      requirements.pathname,
    ]);
    await rename(work, folder);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    if (!(await isFolder(folder))) throw error;
  }
  return python;
}

/** Runs a script, its path from the root of the repository; returns its standard output. */
export async function runPython(
  packages: string,
  script: string,
  args: readonly string[],
  input = "",
): Promise<string> {
  return (await runPythonTelling(packages, script, args, input)).stdout;
}

/** Runs a script, as `runPython` does; returns what it wrote on standard error, too. */
export async function runPythonTelling(
  packages: string,
  script: string,
  args: readonly string[],
  input = "",
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const file = new URL(`../../../${script}`, import.meta.url).pathname;
  const child = spawn("python3", [file, ...args], {
    env: { ...process.env, PYTHONPATH: packages },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`${script} failed: ${output.stderr}`);
  return output;
}
