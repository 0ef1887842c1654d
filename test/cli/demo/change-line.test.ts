// The columns of the demo's lines: they stay in place, and their heading says what is in them.
import { expect, it } from "vitest";
import {
  changeLine,
  headingOf,
} from "../../../src/cli/commands/demo/change-line.ts";

const record = {
  topic: "sell.deal",
  place: "sell.deal[0]@17",
  key: "17",
  text: '{"before":null,"after":{"id":17},"source":{},"op":"c"}',
  ackKey: "a",
};
const style = { columns: 157, isColoured: false };
const columnOf = (line: string) => line.search(/created|change/);

it("has the heading of what a consumer reads, and of what is printed", () => {
  expect(headingOf(record)).toMatch(/^topic\[partition\]@offset +key +change/);
  const printed = headingOf({ ...record, place: record.topic });
  expect(printed).toMatch(/^topic +key +change/);
});

it("cuts a long key in its middle, so that the columns stay in place", () => {
  const long = { ...record, key: "AssociatedContact-5000017" };
  const lines = [record, long].map((one) => changeLine(one, style));
  expect(lines[1]).toContain(" Ass…5000017 created");
  expect(lines.map(columnOf)).toEqual(
    lines.map(() => columnOf(headingOf(record))),
  );
});
