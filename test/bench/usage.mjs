// Preloaded into a contender (`node --import`): writes what the process took to the file that
// BENCH_USAGE names, again every second and at its end. Plain JavaScript, so that it loads at once.
import { writeFileSync } from "node:fs";

const SAMPLE_MS = 250;
const WRITE_MS = 1_000;

const file = process.env.BENCH_USAGE;
const samples = [];

function sample() {
  const { user, system } = process.cpuUsage();
  samples.push({
    atMs: performance.now(),
    rss: process.memoryUsage.rss(),
    cpuMs: (user + system) / 1_000,
  });
}

function write() {
  sample();
  const peakRss = process.resourceUsage().maxRSS * 1_024;
  writeFileSync(file, JSON.stringify({ peakRss, samples }));
}

if (file !== undefined) {
  setInterval(sample, SAMPLE_MS).unref();
  setInterval(write, WRITE_MS).unref();
  process.on("exit", write);
}
