/** Told of each moment that a gate sees; what it holds back goes on when this resolves. */
export type Meets = (moment: string) => Promise<void>;

export type Guarantee = "at-least-once" | "exactly-once";

/** In which phase of its work a connector is killed, by the moment that shows it from outside. */
export const phases: Readonly<
  Record<Guarantee, Readonly<Record<string, string>>>
> = {
  "at-least-once": {
    "fetched or encoding": "page passed",
    "send in flight, not written": "produce asked",
    "send in flight, written": "produce answered",
    "confirmed, not acknowledged": "produce passed",
    "ack in flight, not heard": "ack asked",
    "ack in flight, heard": "ack answered",
  },
  "exactly-once": {
    recovering: "producer id answered",
    "fetched or encoding": "page passed",
    "transaction open": "produce answered",
    "committing, not committed": "commit asked",
    "committing, committed": "commit answered",
    "committed, not acknowledged": "commit passed",
    "ack in flight, not heard": "ack asked",
    "ack in flight, heard": "ack answered",
  },
};
