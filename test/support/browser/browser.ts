import axe, { type AxeResults } from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";

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

/** How somebody looks at a page. */
export interface Look {
  readonly colorScheme: "light" | "dark";
  readonly width: number;
}

export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors in the console or of a script, and requests that failed. */
  readonly complaints: readonly string[];
  /** The hosts that anything was asked of. */
  readonly hosts: ReadonlySet<string>;
}

const looks: readonly Look[] = [
  { colorScheme: "light", width: 1_100 },
  { colorScheme: "dark", width: 1_100 },
  { colorScheme: "light", width: 390 },
  { colorScheme: "dark", width: 390 },
];

async function openPage(
  browser: Browser,
  url: string,
  { colorScheme, width }: Look = { colorScheme: "light", width: 1_100 },
): Promise<OpenedPage> {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width, height: 900 },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => {
    // What is under way when a page is left ends in this way.
    if (request.failure()?.errorText !== "net::ERR_ABORTED")
      complaints.push(request.url());
  });
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(url);
  return {
    page,
    complaints,
    hosts,
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** Whether the tests of pages can run here. */
export const hasBrowser = () => inject("chromium") !== null;

/** Starts a browser for the tests of a file; returns how they open pages in it. */
export function browserForTests() {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser(inject("chromium") ?? "");
  });
  afterAll(() => browser.close());
  return (url: string, look?: Look) => openPage(browser, url, look);
}

/** Tests that a page can be read in every look, once it shows a row of a table. */
export function testReadable(
  open: (look: Look) => Promise<OpenedPage>,
  rows: string,
): void {
  it.each(looks)(
    "can be read by everybody, in $colorScheme at $width pixels",
    async (look) => {
      await using opened = await open(look);
      await opened.page.locator(rows).first().waitFor();
      await expectReadable(opened.page);
    },
  );
}

/** Of a page as it is shown: no rule of accessibility is broken, and nothing stands out at the side. */
async function expectReadable(page: Page): Promise<void> {
  const results = await page.evaluate<AxeResults>(`${axe.source}; axe.run()`);
  expect(
    results.violations.map(({ id, nodes }) => [id, nodes[0]?.html]),
  ).toEqual([]);
  const overflow = await page.evaluate<number>(
    "document.documentElement.scrollWidth - innerWidth",
  );
  expect(overflow).toBeLessThanOrEqual(0);
}
