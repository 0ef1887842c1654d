// What people are told to type starts the very program that told them.
import { expect, it } from "vitest";
import { commandOf } from "../../src/cli/command-of.ts";

function command(script: string, path: string): string {
  const argv = ["/opt/node", script];
  return commandOf({ execPath: "/opt/node", argv, env: { PATH: path } });
}

it.each([
  ["/usr/bin/sell-kafka", "/bin:/usr/bin", "sell-kafka"],
  ["/usr/local/bin/sell-kafka", "/bin:/usr/bin", "/usr/local/bin/sell-kafka"],
  // As npx starts it, which changes the PATH of that process alone.
  [
    "/home/a/node_modules/.bin/sell-kafka",
    "/home/a/node_modules/.bin:/bin",
    "/home/a/node_modules/.bin/sell-kafka",
  ],
  ["/clone/src/main.ts", "/clone/src:/bin", "/opt/node /clone/src/main.ts"],
  ["/my clone/main.js", "/bin", "/opt/node '/my clone/main.js'"],
])("%s with the PATH %s is started by %s", (script, path, words) => {
  expect(command(script, path)).toBe(words);
});
