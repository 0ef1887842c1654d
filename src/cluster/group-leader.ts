import { UnavailableFault } from "../domain/faults.ts";
import { encodeShares, readClaim, type Claim } from "./claim.ts";
import { assignConnectors } from "./connector-assigner.ts";

/** Kafka keeps all claims and shares of a group in one record, of at most 1 MiB by default; the rest is for names. */
const MOST_BYTES = 900_000;

/**
 * Returns what the leader tells each member: the same shares of all. A member whose claim can't be
 * read gets no share. Throws when Kafka could not keep so much.
 */
export function lead(
  members: ReadonlyMap<string, Buffer>,
): Map<string, Buffer> {
  const claims = new Map<string, Claim>();
  let bytes = 0;
  for (const [memberId, metadata] of members) {
    bytes += metadata.length;
    const claim = readClaim(metadata);
    if (claim !== null) claims.set(memberId, claim);
  }
  const shares = [...assignConnectors(claims)].map(([memberId, connectors]) => {
    const instance = claims.get(memberId)?.instance ?? "";
    return { memberId, instance, connectors };
  });
  const told = encodeShares(shares);
  bytes += told.length * members.size;
  if (bytes > MOST_BYTES)
    throw new UnavailableFault(
      `${members.size} instances with so many connectors are more than Kafka keeps of one group (${bytes} bytes, and at most ${MOST_BYTES} are possible); divide the folder, and give each part a group of its own`,
    );
  return new Map([...members.keys()].map((memberId) => [memberId, told]));
}
