// The canned server in a process of its own: `canned-sell-process.ts RECORDS`, told what to do by
// its parent's messages.
import { CannedSell } from "./canned-sell.ts";

const sell = await CannedSell.start(Number(process.argv[2]));
process.on("message", (order: { reset: number } | "counts") => {
  if (order !== "counts") sell.reset(order.reset);
  process.send?.(sell.counts());
});
process.on("disconnect", () => process.exit());
process.send?.(sell.url);
