import { chromium, type Browser } from "playwright-core";

/** Nothing that phones home, and no sandbox for root, who can't have one. */
const quietly = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A headless Chromium with a profile of its own, gone when it is closed. */
export function startBrowser(executablePath: string): Promise<Browser> {
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args: [...quietly, ...asRoot] });
}
