import { execFile } from "node:child_process";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../../src/local/free-port.ts";
import { ChildProgram } from "../../support/process/program.ts";

const run = promisify(execFile);
const PROGRAMS = "/usr/lib/postgresql";
const isRoot = process.getuid?.() === 0;

/** The folder of PostgreSQL's programs, from Debian's package; null, told, where there is none and none can be had. */
export async function findPostgres(): Promise<string | null> {
  const known = await installed();
  if (known !== null) return known;
  if (isRoot)
    try {
      await run("apt-get", ["update"]);
      await run("apt-get", ["install", "--yes", "postgresql"]);
      const found = await installed();
      if (found !== null) return found;
    } catch {
      // There is no apt-get, or no package that it can reach.
    }
  process.stderr.write(
    "The recipe for PostgreSQL is skipped: there is no PostgreSQL, and none could be installed (apt-get install postgresql)\n",
  );
  return null;
}

async function installed(): Promise<string | null> {
  const versions = await readdir(PROGRAMS).catch(() => []);
  const newest = versions.sort((a, b) => Number(a) - Number(b)).at(-1);
  return newest === undefined ? null : join(PROGRAMS, newest, "bin");
}

/** A PostgreSQL server with a database of its own, which can be started anew on its data. */
export class Postgres implements AsyncDisposable {
  readonly port: number;
  readonly #programs: string;
  readonly #folder: string;
  #server: ChildProgram;

  private constructor(programs: string, folder: string, port: number) {
    this.#programs = programs;
    this.#folder = folder;
    this.port = port;
    this.#server = this.#start();
  }

  static async create(programs: string): Promise<Postgres> {
    const folder = await mkdtemp("/tmp/sell-kafka-postgres-");
    if (isRoot) await chown(folder, await idOf("-u"), await idOf("-g"));
    const [command, args] = asPostgres(join(programs, "initdb"), [
      ...["--pgdata", join(folder, "data"), "--username", "sell"],
      ...["--auth", "trust", "--encoding", "UTF8", "--no-sync"],
    ]);
    await run(command, args, { cwd: folder });
    const server = new Postgres(programs, folder, await freePort());
    await server.#answers();
    return server;
  }

  get url(): string {
    return `jdbc:postgresql://127.0.0.1:${this.port}/postgres`;
  }

  /** Ends the server as a crash does, and starts it on the same data. */
  async restart(): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    this.#server = this.#start();
    await this.#answers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The lines that statements return, each a row; columns are separated by `|`. */
  async sql(statements: string): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      const child = execFile(
        join(this.#programs, "psql"),
        [
          ...["--host", "127.0.0.1", "--port", String(this.port)],
          ...["--username", "sell", "--dbname", "postgres", "--no-psqlrc"],
          ...["--quiet", "--tuples-only", "--no-align"],
          ...["--set", "ON_ERROR_STOP=1"],
        ],
        { maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          if (error !== null) reject(new Error(stderr || error.message));
          else resolve(stdout.split("\n").filter((line) => line !== ""));
        },
      );
      child.stdin?.end(statements);
    });
  }

  #start(): ChildProgram {
    const [command, args] = asPostgres(join(this.#programs, "postgres"), [
      ...["-D", join(this.#folder, "data"), "-p", String(this.port)],
      ...["-h", "127.0.0.1", "-k", this.#folder, "-c", "fsync=off"],
    ]);
    return new ChildProgram(command, args, { cwd: this.#folder });
  }

  async #answers(): Promise<void> {
    for (;;)
      try {
        await this.sql("SELECT 1");
        return;
      } catch (error) {
        const isEnded = await Promise.race([
          this.#server.ended.then(() => true),
          new Promise<false>((resolve) => setTimeout(resolve, 100, false)),
        ]);
        if (isEnded) throw new Error(this.#server.stderr, { cause: error });
      }
  }
}

/** PostgreSQL refuses to run as root. */
function asPostgres(
  program: string,
  args: readonly string[],
): [string, string[]] {
  return isRoot
    ? [
        "setpriv",
        [
          ...["--reuid", "postgres", "--regid", "postgres", "--clear-groups"],
          program,
          ...args,
        ],
      ]
    : [program, [...args]];
}

async function idOf(flag: "-u" | "-g"): Promise<number> {
  const { stdout } = await run("id", [flag, "postgres"]);
  return Number(stdout);
}
