import { randomUUID } from "node:crypto";
import { lstat, open, rename, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../../../app/usage-error.ts";
import { memberOf } from "../../../lib/foreign-members.ts";
import { reasonOf } from "../../../lib/text/reason-of.ts";

/** A report names records and the account: it is for its owner, who may show it to others. */
const MODE = 0o600;
/** Bytes that are written at first, to see that the disk takes something. */
const TRIED_BYTES = 64 * 1_024;

/** A report that is complete can't be written to its file. */
class ReportUnwritten extends Error {
  override readonly name = "ReportUnwritten";
}

/**
 * A file that appears under its name once it is whole. Until then its text is in another file of the
 * same folder, which its disposal removes.
 */
export class ReportFile implements AsyncDisposable {
  readonly #path: string;
  readonly #partPath: string;
  readonly #part: FileHandle;

  private constructor(path: string, partPath: string, part: FileHandle) {
    this.#path = path;
    this.#partPath = partPath;
    this.#part = part;
  }

  /** Rejects with a UsageError when there is such a file, or its folder takes none. */
  static async create(name: string): Promise<ReportFile> {
    const path = resolve(name);
    await refuseExisting(path, name);
    const partPath = join(
      dirname(path),
      `.${basename(path)}.${randomUUID()}.part`,
    );
    let part: FileHandle | null = null;
    try {
      part = await open(partPath, "wx", MODE);
      await tryDisk(part);
      return new ReportFile(path, partPath, part);
    } catch (error) {
      await part?.close();
      if (part !== null) await rm(partPath, { force: true });
      throw new UsageError(
        `the report can't be written to ${name}: ${whyNot(error, path)}`,
        { cause: error },
      );
    }
  }

  /** Writes the whole text and gives the file its name. Returns why it could not, or null. */
  async write(parts: Iterable<string>): Promise<ReportUnwritten | null> {
    try {
      for (const text of parts) await this.#part.writeFile(text);
      await this.#part.sync();
      await rename(this.#partPath, this.#path);
      return null;
    } catch (cause) {
      return new ReportUnwritten(
        `the report was not written to ${this.#path}: ${whyNot(cause, this.#path)}`,
        { cause },
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#part.close();
    await rm(this.#partPath, { force: true });
  }
}

async function refuseExisting(path: string, name: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found !== null)
    throw new UsageError(
      found.isDirectory()
        ? `${name} is a folder; --out names a file in it`
        : `${name} is there already; --out writes a new file`,
    );
}

/** Rejects when the disk is full already. The position in the file stays at its start. */
async function tryDisk(part: FileHandle): Promise<void> {
  const { bytesWritten } = await part.write(
    Buffer.alloc(TRIED_BYTES),
    0,
    TRIED_BYTES,
    0,
  );
  if (bytesWritten < TRIED_BYTES)
    throw Object.assign(new Error("the disk is full"), { code: "ENOSPC" });
  await part.truncate(0);
}

function whyNot(error: unknown, path: string): string {
  const folder = dirname(path);
  switch (memberOf(error, "code")) {
    case "ENOENT":
      return `there is no folder ${folder}`;
    case "ENOTDIR":
      return `${folder} is no folder`;
    case "EACCES":
    case "EPERM":
      return `${folder} is not writable for this user`;
    case "EROFS":
      return `${folder} is on a read-only file system`;
    case "ENOSPC":
    case "EDQUOT":
      return `no space is left in ${folder}`;
    default:
      return reasonOf(error);
  }
}
