import type { Source } from "../domain/ports.ts";

/** Resolves once a connector may begin its first drain; rejects with the signal's reason. */
export type FirstTurn = (signal: AbortSignal) => Promise<unknown>;

/** A source whose first session waits for the turn. Recovered keys are acknowledged before. */
export function afterFirstTurn(
  source: Source,
  turn: FirstTurn | undefined,
): Source {
  if (turn === undefined) return source;
  let hadTurn = false;
  return {
    async open(signal) {
      if (!hadTurn) await turn(signal);
      hadTurn = true;
      return source.open(signal);
    },
    acknowledge: (keys, signal) => source.acknowledge(keys, signal),
  };
}
