// The built command loads few files: to load each takes as long as to run the code in it.
import { describe, expect, it } from "vitest";
import { Program } from "../../support/process/program.ts";

/** Writes the address of each file that is loaded to standard error. */
const telling = `
import { registerHooks } from "node:module";
registerHooks({
  load(url, context, load) {
    if (url.startsWith("file:")) process.stderr.write("loads " + url + "\\n");
    return load(url, context);
  },
});`;

async function filesOf(...args: string[]): Promise<string[]> {
  await using program = new Program(args, {
    nodeArgs: [
      "--import",
      `data:text/javascript,${encodeURIComponent(telling)}`,
    ],
  });
  await program.ended;
  return [...program.stderr.matchAll(/^loads file:.*\/([^/]+)$/gm)].map(
    ([, name = ""]) => name,
  );
}

describe("the files that are loaded", () => {
  it.each(["--version", "--help", "sync --help", "status --help"])(
    "for %s hold neither a connector nor its libraries",
    async (line) => {
      const files = await filesOf(...line.split(" "));
      expect(files).toContain("main.js");
      expect(
        files.filter((name) => /^(app|connector|kafkajs|undici)-/.test(name)),
      ).toEqual([]);
    },
  );

  it.each(["sync", "run"])("for %s are at most 60", async (command) => {
    const files = await filesOf(command, "--config", "missing.json");
    expect(files.length).toBeGreaterThan(5);
    expect(files.length).toBeLessThanOrEqual(60);
  });
});
