// The tests' own murmur2 gives what Kafka's tests expect.
import { expect, it } from "vitest";
import { murmur2 } from "./murmur2.ts";

it("gives what Kafka's own tests expect of Utils.murmur2", () => {
  const known: [string, number][] = [
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ];
  for (const [text, hash] of known)
    expect(murmur2(Buffer.from(text))).toBe(hash);
});
