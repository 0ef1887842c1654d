import type { Change } from "../domain/change.ts";
import type { Origin } from "./encoder.ts";

/** The `source` block of the `change` envelope: where a change comes from. The order of the members is that of the text. */
export interface SourceBlock {
  readonly version: string;
  readonly connector: "zendesk-sell";
  readonly name: string;
  /** When the record changed in Sell. */
  readonly ts_ms: number | null;
  /** The connector's name and the type again, by the names that tools for Debezium look for. */
  readonly db: string;
  readonly table: string;
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
    db: origin.connectorName,
    table: change.type,
    type: change.type,
    id: change.id,
    revision: change.revision,
    event_type: change.eventType,
    ack_key: change.ackKey,
    session: change.session,
    device: origin.device,
  };
}

export interface SourceField {
  readonly name: keyof SourceBlock;
  readonly type: "string" | "long";
  readonly isNullable: boolean;
  /** Values that were written before the field was added have this; missing for a field of the first version. */
  readonly default?: string;
}

/** The members of a SourceBlock with their types, in its order, for schemas. */
export const sourceFields: readonly SourceField[] = [
  { name: "version", type: "string", isNullable: false },
  { name: "connector", type: "string", isNullable: false },
  { name: "name", type: "string", isNullable: false },
  { name: "ts_ms", type: "long", isNullable: true },
  { name: "db", type: "string", isNullable: false, default: "" },
  { name: "table", type: "string", isNullable: false, default: "" },
  { name: "type", type: "string", isNullable: false },
  { name: "id", type: "string", isNullable: true },
  { name: "revision", type: "long", isNullable: true },
  { name: "event_type", type: "string", isNullable: true },
  { name: "ack_key", type: "string", isNullable: true },
  { name: "session", type: "string", isNullable: false },
  { name: "device", type: "string", isNullable: false },
];
