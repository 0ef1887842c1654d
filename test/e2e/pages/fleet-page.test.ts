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
      await folder.put("broken.json", '{"name": "broken"');
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
      await expect
        .poll(() => page.locator("#headline").textContent())
        .toBe("1 of 2 connectors are well");
      expect(await page.locator("#troubles").textContent()).toContain(
        "broken.json",
      );

      await folder.put("b.json", folder.connector("b", simulator.url));
      await expect.poll(() => textOf("b")).toContain("60");
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
