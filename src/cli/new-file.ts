import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { UsageError } from "../app/usage-error.ts";

/** Throws a UsageError when a file is there that may not be overwritten. */
export function refuseExisting(file: string, mayOverwrite: boolean): void {
  if (existsSync(file) && !mayOverwrite) throw existsError(file);
}

/** Writes a file, which must be new unless it may be overwritten. Rejects with a UsageError. */
export async function writeNew(
  file: string,
  text: string,
  mayOverwrite: boolean,
): Promise<void> {
  try {
    await writeFile(file, text, { flag: mayOverwrite ? "w" : "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw existsError(file);
    throw new UsageError(
      `${file} can't be written (${code ?? "unknown error"})`,
    );
  }
}

function existsError(file: string): UsageError {
  return new UsageError(
    `${file} is there already; --force overwrites it, or name another file`,
  );
}
