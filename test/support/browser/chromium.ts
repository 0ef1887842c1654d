import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const INSTALLED = "/usr/bin/chromium";

/**
 * The path of a Chromium; `SELL_KAFKA_TEST_CHROMIUM` names another. With `installs`, a missing one
 * comes from Debian's own packages, which only root can install.
 */
export async function prepareChromium(
  installs: boolean,
  say: (line: string) => void,
): Promise<string> {
  const path = process.env["SELL_KAFKA_TEST_CHROMIUM"] ?? INSTALLED;
  if (await isExecutable(path)) return path;
  if (path !== INSTALLED) throw new Error(`there is no ${path}`);
  if (!installs)
    throw new Error(
      "there is no chromium; install it with: apt-get install chromium",
    );
  if (process.getuid?.() !== 0)
    throw new Error(
      "there is no chromium, and only root can install it: sudo apt-get install chromium",
    );
  say("installing chromium for the tests of the status page (apt-get)");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const deadline = ["-o", "DPkg::Lock::Timeout=300", "-qq"];
  await run("apt-get", [...deadline, "update"], { env });
  await run(
    "apt-get",
    [...deadline, "install", "-y", "--no-install-recommends", "chromium"],
    { env, maxBuffer: 64 * 1024 * 1024 },
  );
  return INSTALLED;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
