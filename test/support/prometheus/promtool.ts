import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { glob, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { tryCommand } from "../../../src/local/artifacts.ts";
import { cacheFolder } from "../../../src/lib/process/cache-folder.ts";
import { placeOf } from "../documents/markdown.ts";

const run = promisify(execFile);
const folder = join(cacheFolder(process.env), "promtool");
const cached = join(folder, "usr/bin/promtool");

/** The command of a promtool that is here, on the PATH or in the cache; null without one. */
export async function findPromtool(): Promise<string | null> {
  for (const command of ["promtool", cached])
    if ((await tryCommand(command, "--version")) !== null) return command;
  return null;
}

/**
 * Takes promtool out of Debian's package of Prometheus, and keeps it in the cache. Nothing is
 * installed, so this needs no root, and starts no server.
 */
export async function downloadPromtool(): Promise<string> {
  await mkdir(cacheFolder(process.env), { recursive: true });
  const work = await mkdtemp(`${folder}.partial-`);
  try {
    await download(work).catch(async () => {
      await run("apt-get", ["-qq", "update"]);
      await download(work);
    });
    for await (const file of glob(join(work, "*.deb")))
      await run("dpkg-deb", ["-x", file, work]);
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder);
  } catch (cause) {
    throw new Error(
      "there is no promtool, and Debian's package of Prometheus can't be had; install Prometheus",
      { cause },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return cached;
}

async function download(work: string): Promise<void> {
  await run("apt-get", ["-qq", "download", "prometheus"], { cwd: work });
}

/** Runs Prometheus's own tests of the alert rules, and returns promtool's exit code; it prints by itself. */
export async function testAlerts(promtool: string): Promise<number> {
  const file = (name: string) => placeOf(`deploy/prometheus/${name}`);
  for (const args of [
    ["check", "rules", file("alerts.yml")],
    ["test", "rules", file("alerts.test.yml")],
  ]) {
    const child = spawn(promtool, args, { stdio: "inherit" });
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) return code ?? 1;
  }
  return 0;
}
