// The status page shows what happens without a reload, says when it is old, and breaks no rule of
// accessibility.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import {
  browserForTests,
  hasBrowser,
  testReadable,
} from "../../support/browser/browser.ts";
import { servers } from "../../support/kafka/kafka.ts";
import { runningOn, type Running } from "../../support/process/running.ts";

describe.skipIf(servers === null || !hasBrowser())("the status page", () => {
  let simulator: Simulator;
  let running: Running;
  const open = browserForTests();

  beforeAll(async () => {
    simulator = await Simulator.start({ records: 400, seed: 11 });
    running = await runningOn(simulator.url, {
      sell: { pollIntervalMs: 1_000 },
    });
  });

  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await simulator[Symbol.asyncDispose]();
  });

  it("shows what happens, and follows by itself", async () => {
    await using opened = await open(running.url);
    const { page } = opened;
    const textOf = (id: string) => page.locator(`#${id}`).textContent();
    await expect.poll(() => textOf("headline")).toBe("Up to date");
    await expect.poll(() => textOf("published")).toBe("400");
    // A drain begins every second, and what it changes may be on the page at any moment.
    await expect
      .poll(() => page.title())
      .toBe(`Up to date · ${running.trial.name}`);
    await expect
      .poll(() => page.locator("#type-rows tr").count())
      .toBeGreaterThan(10);
    expect(await textOf("topics")).toBe(`${running.trial.name}.{type}`);
    await expect
      .poll(() => page.locator("#rate-chart").getAttribute("aria-label"))
      .toMatch(/^Bar chart over the last/);

    simulator.world.update(0, Date.now());
    await expect.poll(() => textOf("published")).toBe("401");
    await expect.poll(() => textOf("acknowledged")).toBe("401");
    await page.locator("summary").press("Enter");
    await expect
      .poll(() => page.locator("#minute-rows tr").count())
      .toBeGreaterThan(0);

    expect(opened.complaints).toEqual([]);
    expect(opened.hosts).toEqual(new Set([new URL(running.url).host]));
  });

  testReadable((look) => open(running.url, look), "#type-rows tr");

  describe("while many topics are missing", () => {
    let waiting: Running;

    beforeAll(async () => {
      waiting = await runningOn(simulator.url, {
        sell: { pollIntervalMs: 1_000 },
        topics: { create: false },
      });
    });

    afterAll(async () => {
      await waiting[Symbol.asyncDispose]();
    });

    it("has one short row with the commands for all of them", async () => {
      await using opened = await open(waiting.url);
      const { page } = opened;
      const rows = page.locator("#troubles > li");
      await expect
        .poll(() => page.locator("#headline").textContent())
        .toBe("No records reach Kafka");
      expect(await rows.count()).toBe(1);
      // While the first session runs, not all records are counted.
      await expect
        .poll(() => rows.first().textContent())
        .toMatch(
          /Topics are missing.*topics\.create is false.*400 records of (\d+) types: .* and \d+ more.*since .*(next try in|tried now)/s,
        );
      const { troubles } = await waiting.status();
      const [{ typeCount, command } = { typeCount: 0, command: "" }] = troubles;
      expect(typeCount).toBeGreaterThan(20);
      const topics = command?.match(/(?<= )\S+\.[a-z_]+(?=[ ;])/g) ?? [];
      expect(topics.length).toBeGreaterThanOrEqual(typeCount ?? 0);
      const box = await page.locator("#now").boundingBox();
      expect(box?.height).toBeLessThan(500);
      const body = (await page.locator("body").textContent()) ?? "";
      expect(body.split("topics.create is false")).toHaveLength(2);
      await page.locator("#troubles summary").press("Enter");
      expect(await page.locator("#troubles code").textContent()).toBe(command);
      // The page is written anew each second, and what somebody has opened stays so.
      await expect
        .poll(() => page.locator("#troubles .times").textContent())
        .toMatch(/\((?:[2-9]|\d\d) s\)/);
      expect(await page.locator("#troubles code").isVisible()).toBe(true);
      expect(opened.complaints).toEqual([]);
    });

    testReadable((look) => open(waiting.url, look), "#troubles > li");
  });

  it("says when it hears nothing any more", async () => {
    await using other = await runningOn(simulator.url);
    await using opened = await open(other.url);
    const { page } = opened;
    await page.locator("#connector", { hasText: other.trial.name }).waitFor();
    await other.stop();
    const link = page.locator("#link");
    await link.waitFor({ state: "visible", timeout: 20_000 });
    expect(await link.textContent()).toContain("what you see is old");
  });
});
