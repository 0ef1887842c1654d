// The group learns which connectors the folder has: those of accepted files, and the last ones while it can't be read.
import { expect, it } from "vitest";
import { standalone } from "../../src/cluster/assignments.ts";
import {
  connectorText,
  WatchedFolder,
} from "../support/fleet/watched-folder.ts";

it("tells the group after each look which connectors the folder has", async () => {
  const seen: (readonly string[])[] = [];
  const assignments = {
    ...standalone("here"),
    sees: (names: readonly string[]) => {
      seen.push(names);
    },
  };
  await using watched = await WatchedFolder.start(
    { "a.json": connectorText("a"), "b.json": "{" },
    { assignments },
  );
  expect(seen).toEqual([["a"]]);
  await watched.put("b.json", connectorText("b"));
  await watched.look();
  expect(seen.at(-1)).toEqual(["a", "b"]);
  await watched.put("b.json", "{");
  await watched.look();
  expect(seen.at(-1)).toEqual(["a", "b"]);
  await watched.remove("a.json");
  await watched.look();
  expect(seen.at(-1)).toEqual(["b"]);
  const { length } = seen;
  await watched.hide(true);
  await watched.look();
  expect(seen).toHaveLength(length);
  await watched.hide(false);
});
