import type { StoredRecord } from "../../kafka/read/partition-reader.ts";

/** What was read in a partition since the last time. */
export interface ReadTail {
  /** The last write of this run for each key. */
  readonly own: Map<string, number>;
  /** Another process wrote for this device. */
  hasForeign: boolean;
}

/** Callbacks for what else is read in the journal. */
export interface JournalListener {
  /** This revision of a record was published. */
  readonly published: (
    type: string,
    recordKey: string,
    revision: number | bigint,
  ) => void;
  /** A record under the connector's own key is no entry, and is skipped. */
  readonly unreadable: (record: StoredRecord) => void;
}

export const noListener: JournalListener = {
  published: () => undefined,
  unreadable: () => undefined,
};
