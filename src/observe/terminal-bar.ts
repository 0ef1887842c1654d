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
