import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { memberOf, textOf } from "../lib/foreign-members.ts";
import { reasonOf } from "../lib/text/reason-of.ts";

/** The folder for temporary files does not take the ledger of an audit. */
export class LedgerUnwritable extends Error {
  override readonly name = "LedgerUnwritable";
}

/** Bytes that the ledger takes on the disk for each record, as docs/audit.md says. */
const BYTES_PER_RECORD = 100;

/** SQLite's primary result codes. */
const IO_ERROR = 10;
const FULL = 13;

/**
 * Creates a database with this schema in a file of the folder. The file has no name once it is open,
 * so it is gone when the process ends, however it ends. Throws a LedgerUnwritable.
 */
export function openLedgerFile(folder: string, schema: string): DatabaseSync {
  let own: string | null = null;
  try {
    own = mkdtempSync(join(folder, "sell-kafka-audit-"));
    // SQLite's defensive mode would keep a journal, which would have a name.
    const options = { defensive: false };
    const database = new DatabaseSync(join(own, "ledger"), options);
    database.exec(schema);
    return database;
  } catch (error) {
    throw (
      storageFault(error, folder) ??
      new LedgerUnwritable(
        `the audit can't keep its ledger in the folder for temporary files, ${folder}: ${reasonOf(error)}; mount a writable folder there, or set TMPDIR to one`,
        { cause: error },
      )
    );
  } finally {
    if (own !== null) rmSync(own, { recursive: true, force: true });
  }
}

/** A LedgerUnwritable when the error is one of SQLite's that the disk causes, else null. */
export function storageFault(
  error: unknown,
  folder: string,
): LedgerUnwritable | null {
  const code = memberOf(error, "errcode");
  if (typeof code !== "number") return null;
  const primary = code & 0xff;
  if (primary !== FULL && primary !== IO_ERROR) return null;
  const reason = textOf(error, "errstr");
  return new LedgerUnwritable(
    `the audit's ledger does not fit into the folder for temporary files, ${folder}: ${reason}; it takes about ${BYTES_PER_RECORD} bytes a record: free some space, or set TMPDIR to another folder`,
    { cause: error },
  );
}
