import type { Item } from "./change.ts";
import type { Publisher } from "./ports.ts";
import type { Settled } from "./settled.ts";

export interface PublisherWrapping {
  /** Runs a publication. */
  readonly publish: (
    publish: () => Promise<Settled>,
    items: readonly Item[],
  ) => Promise<Settled>;
  /** Runs `recover` and `ready`; these run unwrapped when it is missing. */
  readonly prepare?: <T>(prepare: () => Promise<T>) => Promise<T>;
}

/** The same publisher, with something done around its calls. */
export function wrapPublisher(
  publisher: Publisher,
  { publish, prepare = (task) => task() }: PublisherWrapping,
): Publisher {
  return {
    publish: (items, signal) =>
      publish(() => publisher.publish(items, signal), items),
    recover: (signal) => prepare(() => publisher.recover(signal)),
    ready: (signal) => prepare(() => publisher.ready(signal)),
  };
}
