import { hash } from "node:crypto";
import { z } from "zod";

/** A member's message to the leader of the group when it joins. */
export interface Claim {
  /** Name of the instance, for people. */
  readonly instance: string;
  /** The connectors whose files the instance accepts. */
  readonly connectors: ReadonlySet<number>;
  /** The connectors among them whose leases the instance holds. */
  readonly held: readonly number[];
}

/** The connectors of one member, as the leader tells every member. */
export interface Share {
  readonly memberId: string;
  readonly instance: string;
  readonly connectors: readonly number[];
}

/**
 * The number by which a group knows a connector: the same on every instance. Two connectors with one
 * number always go to the same instance.
 */
export function connectorNumber(name: string): number {
  return hash("sha256", name, "buffer").readUInt32BE(0);
}

const NUMBER_BYTES = 4;

/** Different numbers in ascending order, as base64 of four bytes each. */
const numbers = z
  .string()
  .transform((text) => {
    const bytes = Buffer.from(text, "base64");
    const count = Math.floor(bytes.length / NUMBER_BYTES);
    return Array.from({ length: count }, (_, n) =>
      bytes.readUInt32BE(n * NUMBER_BYTES),
    );
  })
  .refine((all) => all.every((one, n) => n === 0 || one > (all[n - 1] ?? one)));

/** Printable characters, since the log and the page show it. */
const instance = z.string().regex(/^[\x21-\x7e]{1,255}$/);

const claimShape = z.object({ instance, connectors: numbers, held: numbers });

const sharesShape = z.object({
  shares: z.array(
    z.object({ memberId: z.string(), instance, connectors: numbers }),
  ),
});

export function encodeClaim({ instance, connectors, held }: Claim): Buffer {
  return encode({
    instance: instance.replace(/[^\x21-\x7e]/g, "?").slice(0, 255),
    connectors: encodeNumbers(connectors),
    held: encodeNumbers(held),
  });
}

/** The claim in a member's metadata; null when it can't be read. */
export function readClaim(metadata: Buffer): Claim | null {
  const claim = decode(metadata, claimShape);
  if (claim === null) return null;
  const connectors = new Set(claim.connectors);
  return { ...claim, connectors };
}

export function encodeShares(shares: readonly Share[]): Buffer {
  return encode({
    shares: shares.map((share) => ({
      ...share,
      connectors: encodeNumbers(share.connectors),
    })),
  });
}

/** The shares of all members; null when they can't be read, or when a connector is in two of them. */
export function readShares(assignment: Buffer): readonly Share[] | null {
  const shares = decode(assignment, sharesShape)?.shares ?? null;
  const all = shares?.flatMap(({ connectors }) => connectors) ?? [];
  return new Set(all).size === all.length ? shares : null;
}

function encode(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function encodeNumbers(all: Iterable<number>): string {
  const sorted = Uint32Array.from(all).sort();
  const bytes = Buffer.alloc(sorted.length * NUMBER_BYTES);
  for (const [n, one] of sorted.entries())
    bytes.writeUInt32BE(one, n * NUMBER_BYTES);
  return bytes.toString("base64");
}

function decode<T>(bytes: Buffer, shape: z.ZodType<T>): T | null {
  try {
    return shape.safeParse(JSON.parse(bytes.toString("utf8"))).data ?? null;
  } catch {
    return null;
  }
}
