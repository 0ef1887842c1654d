// The page of a folder shows each connector and its trouble, follows changes without a reload, and
// breaks no rule of accessibility.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort } from "../../../src/local/free-port.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import {
  browserForTests,
  hasBrowser,
  testReadable,
} from "../../support/browser/browser.ts";
import { sellKafka } from "../../support/process/command.ts";
import {
  fleetStatus,
  folderOf,
  type Folder,
} from "../../support/process/folder.ts";
import { brokers, servers } from "../../support/kafka/kafka.ts";

describe.skipIf(servers === null || !hasBrowser())(
  "the page of many connectors",
  () => {
    const stopping = new AbortController();
    let simulator: Simulator;
    let folder: Folder;
    const open = browserForTests();
    let url: string;
    let ended: Promise<unknown>;

    beforeAll(async () => {
      simulator = await Simulator.start({ records: 60, seed: 12 });
      folder = await folderOf(brokers());
      const port = await freePort();
      const { connector } = folder;
      await folder.put("a.json", {
        ...connector("a", simulator.url),
        server: { port },
      });
      await folder.put(
        "denied.json",
        connector("denied", "http://127.0.0.1:1"),
      );
      await folder.put("broken.json", '{"name": "broken", "sell": {}}');
      url = `http://127.0.0.1:${port}/`;
      ended = sellKafka(["run", "--config", folder.path], {
        stopping: stopping.signal,
      });
      await vi.waitUntil(
        async () => (await fleetStatus(port))?.connectors.length === 2,
        { timeout: 30_000 },
      );
    });

    afterAll(async () => {
      stopping.abort(new Error("the tests end"));
      await ended;
      await folder[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
    });

    it("shows each connector, what is wrong with which, and follows by itself", async () => {
      await using opened = await open(url);
      const { page } = opened;
      const row = (name: string) =>
        page.locator("#connector-rows tr", {
          hasText: `${folder.prefix}-${name}`,
        });
      const textOf = (name: string) => row(name).textContent();
      await expect.poll(() => textOf("a")).toContain("60");
      const headline = () => page.locator("#headline").textContent();
      await expect
        .poll(headline)
        .toBe(
          `2 of 3 connectors run; ${folder.prefix}-denied is not ready; broken.json is refused`,
        );
      expect(await page.title()).toBe(`${await headline()} · sell-kafka`);
      const refused = page.locator("#connector-rows tr", {
        has: page.locator("th", { hasText: "broken.json" }),
      });
      // A browser's own text of an element has the line ends that it shows.
      expect((await refused.locator("td").innerText()).split("\n")).toEqual([
        "Refused",
        expect.stringContaining("is not a valid configuration:"),
        expect.stringContaining("  sell.accessToken is required"),
        expect.stringContaining("  kafka"),
        "Correct the file; it is read again by itself.",
      ]);
      expect(await page.locator("#troubles").textContent()).toBe("");
      // Until its first request has failed, Sell has not been reached yet.
      await expect.poll(() => textOf("denied")).toContain("ECONNREFUSED");

      const b = folder.connector("b", simulator.url);
      await folder.put("b.json", b);
      await expect.poll(() => textOf("b")).toContain("60");
      await folder.put("b.json", "{");
      await folder.remove("broken.json");
      await expect
        .poll(headline)
        .toBe(
          `All 3 connectors run; ${folder.prefix}-denied is not ready; b.json is refused`,
        );
      expect(
        await page.locator("#connector-rows tr").first().innerText(),
      ).toMatch(
        new RegExp(
          `^b\\.json\\s+Refused; ${folder.prefix}-b goes on as it was\n`,
        ),
      );
      await row("a").locator("a").click();
      await page
        .locator("#connector", { hasText: `${folder.prefix}-a` })
        .waitFor();
      expect(opened.complaints).toEqual([]);
      expect(opened.hosts).toEqual(new Set([new URL(url).host]));
    });

    testReadable((look) => open(url, look), "#connector-rows tr");
  },
);
