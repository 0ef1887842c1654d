import type { Change } from "../domain/change.ts";
import type { Origin } from "./encoder.ts";

/** Where a change comes from: the `source` block of the `change` envelope, in its order. */
export interface SourceBlock {
  readonly version: string;
  readonly connector: "zendesk-sell";
  readonly name: string;
  /** When the record changed in Sell. */
  readonly ts_ms: number | null;
  readonly type: string;
  readonly id: string | null;
  readonly revision: number | bigint | null;
  readonly event_type: string | null;
  readonly ack_key: string | null;
  readonly session: string;
  readonly device: string;
}

export function sourceOf(change: Change, origin: Origin): SourceBlock {
  return {
    version: origin.version,
    connector: "zendesk-sell",
    name: origin.connectorName,
    ts_ms: change.sourceTimeMs,
    type: change.type,
    id: change.id,
    revision: change.revision,
    event_type: change.eventType,
    ack_key: change.ackKey,
    session: change.session,
    device: origin.device,
  };
}
