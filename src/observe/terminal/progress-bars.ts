import { Presets, SingleBar } from "cli-progress";

/** A progress bar on a terminal, in one look; `format` says what stands in its line. */
export function terminalBar(
  stream: NodeJS.WritableStream,
  format: string,
): SingleBar {
  return new SingleBar(
    { stream, hideCursor: true, etaBuffer: 200, format },
    Presets.shades_classic,
  );
}

/** What stands for `{rate}` in its line: how many a second, since `startedMs`. */
export function rateOf(
  done: number,
  startedMs: number,
  nowMs = performance.now(),
): number | "-" {
  const seconds = (nowMs - startedMs) / 1_000;
  return seconds > 0 ? Math.round(done / seconds) : "-";
}
