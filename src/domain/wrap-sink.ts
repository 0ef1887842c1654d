import type { Item } from "./change.ts";
import type { Sink } from "./ports.ts";
import type { Settled } from "./settled.ts";

export interface SinkWrapping {
  /** Runs a publication. */
  readonly publish: (
    publish: () => Promise<Settled>,
    items: readonly Item[],
  ) => Promise<Settled>;
  /** Runs `recover` and `ready`; these run unwrapped when it is missing. */
  readonly prepare?: <T>(prepare: () => Promise<T>) => Promise<T>;
}

/** The same sink, with something done around its calls. It has the optional methods that the sink has. */
export function wrapSink(
  sink: Sink,
  { publish, prepare = (task) => task() }: SinkWrapping,
): Sink {
  const recover = sink.recover?.bind(sink);
  const ready = sink.ready?.bind(sink);
  return {
    publish: (items, signal) =>
      publish(() => sink.publish(items, signal), items),
    ...(recover && { recover: (signal) => prepare(() => recover(signal)) }),
    ...(ready && { ready: (signal) => prepare(() => ready(signal)) }),
  };
}
