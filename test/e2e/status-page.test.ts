import axe, { type AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Simulator } from "../../src/simulator/server.ts";
import { startBrowser } from "../support/browser.ts";
import { servers } from "../support/kafka.ts";
import { runningOn, type Running } from "../support/running.ts";

const chromium = inject("chromium");
const patiently = { timeout: 20_000, interval: 50 };

describe.skipIf(servers === null || chromium === null)(
  "the status page",
  () => {
    let simulator: Simulator;
    let running: Running;
    let browser: Browser;

    beforeAll(async () => {
      simulator = await Simulator.start({ records: 400, seed: 11 });
      running = await runningOn(simulator.url, {
        sell: { pollIntervalMs: 1_000 },
      });
      browser = await startBrowser(chromium ?? "");
    });

    afterAll(async () => {
      await browser.close();
      await running[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
    });

    it("shows what happens, and follows by itself", async () => {
      await using opened = await open(browser, running.url);
      const { page } = opened;
      const textOf = (id: string) => page.locator(`#${id}`).textContent();
      await expect.poll(() => textOf("headline"), patiently).toBe("Up to date");
      await expect.poll(() => textOf("published"), patiently).toBe("400");
      expect(await page.title()).toBe(`Up to date · ${running.trial.name}`);
      expect(await page.locator("#type-rows tr").count()).toBeGreaterThan(10);
      expect(await textOf("topics")).toBe(`${running.trial.name}.{type}`);
      expect(
        await page.locator("#rate-chart").getAttribute("aria-label"),
      ).toMatch(/^Bar chart over the last/);

      simulator.world.update(0, Date.now());
      await expect.poll(() => textOf("published"), patiently).toBe("401");
      await expect.poll(() => textOf("acknowledged"), patiently).toBe("401");
      await page.locator("summary").press("Enter");
      await expect
        .poll(() => page.locator("#minute-rows tr").count(), patiently)
        .toBeGreaterThan(0);

      expect(opened.complaints).toEqual([]);
      expect(opened.hosts).toEqual(new Set([new URL(running.url).host]));
    });

    it.each([
      ["light", 1_100],
      ["dark", 1_100],
      ["light", 390],
      ["dark", 390],
    ] as const)(
      "can be read by everybody, in %s at %i pixels",
      async (colorScheme, width) => {
        await using opened = await open(browser, running.url, {
          colorScheme,
          width,
        });
        const { page } = opened;
        await page.locator("#type-rows tr").first().waitFor();
        const results = await page.evaluate<AxeResults>(
          `${axe.source}; axe.run()`,
        );
        expect(
          results.violations.map(({ id, nodes }) => [id, nodes[0]?.html]),
        ).toEqual([]);
        const overflow = await page.evaluate<number>(
          "document.documentElement.scrollWidth - innerWidth",
        );
        expect(overflow).toBeLessThanOrEqual(0);
      },
    );

    it("says when it hears nothing any more", async () => {
      await using other = await runningOn(simulator.url);
      await using opened = await open(browser, other.url);
      const { page } = opened;
      await page.locator("#connector", { hasText: other.trial.name }).waitFor();
      await other.stop();
      const link = page.locator("#link");
      await link.waitFor({ state: "visible", timeout: 20_000 });
      expect(await link.textContent()).toContain("what you see is old");
    });
  },
);

interface Look {
  readonly colorScheme: "light" | "dark";
  readonly width: number;
}

interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Errors in the console or of a script, and requests that failed. */
  readonly complaints: readonly string[];
  /** The hosts that anything was asked of. */
  readonly hosts: ReadonlySet<string>;
}

async function open(
  browser: Browser,
  url: string,
  { colorScheme, width }: Look = { colorScheme: "light", width: 1_100 },
): Promise<Opened> {
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
  page.on("requestfailed", (request) => complaints.push(request.url()));
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(url);
  return {
    page,
    complaints,
    hosts,
    [Symbol.asyncDispose]: () => context.close(),
  };
}
