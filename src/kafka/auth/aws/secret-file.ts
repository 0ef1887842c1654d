import { open } from "node:fs/promises";
import { DeniedFault } from "../../../domain/faults.ts";

const MOST_BYTES = 65_536;

/** Reads a token that others renew in a file, without white space at its ends. Rejects with a DeniedFault. */
export async function readSecretFile(
  path: string,
  variable: string,
): Promise<string> {
  const unfit = (why: string) =>
    new DeniedFault(
      "aws-credentials",
      `${variable} in the environment names a file that ${why}`,
    );
  const text = await firstBytes(path).catch((error: unknown) => {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw unfit(`can't be read (${code})`);
  });
  if (text.length > MOST_BYTES)
    throw unfit(`is larger than ${MOST_BYTES} bytes`);
  const token = text.toString("utf8").trim();
  if (token === "") throw unfit("is empty");
  return token;
}

async function firstBytes(path: string): Promise<Buffer> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES + 1));
  return buffer.subarray(0, bytesRead);
}
