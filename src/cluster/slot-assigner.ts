import {
  AssignerProtocol,
  type PartitionAssigner,
} from "../kafka/client/kafkajs.ts";

const { MemberAssignment, MemberMetadata } = AssignerProtocol;

/** What a member tells the leader of the group when it joins. */
export interface Claim {
  /** Name of the instance, for people. */
  readonly instance: string;
  /** The number of slots that the member knows of. */
  readonly slots: number;
  /** The slots that the member holds leases of. */
  readonly held: readonly number[];
}

/** Assigns the slots of one topic by the members' claims, so that as few as possible move. */
export function slotAssigner(
  topic: string,
  claim: () => Claim,
): PartitionAssigner {
  return () => ({
    name: "sell-kafka-slots",
    version: 0,
    protocol: () => ({
      name: "sell-kafka-slots",
      metadata: MemberMetadata.encode({
        version: 0,
        topics: [topic],
        userData: Buffer.from(JSON.stringify(claim())),
      }),
    }),
    assign: ({ members }) => {
      const claims = new Map(
        members.map(({ memberId, memberMetadata }) => [
          memberId,
          readClaim(memberMetadata),
        ]),
      );
      return Promise.resolve(
        [...assignSlots(claims)].map(([memberId, slots]) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({
            version: 0,
            assignment: { [topic]: slots },
            userData: Buffer.alloc(0),
          }),
        })),
      );
    },
  });
}

/** The claim in a member's metadata; an empty claim when the member made none. */
export function readClaim(metadata: Buffer): Claim {
  const { userData } = MemberMetadata.decode(metadata) ?? {};
  try {
    return JSON.parse(String(userData)) as Claim;
  } catch {
    return { instance: "unknown", slots: Infinity, held: [] };
  }
}

/** The slots in a member's assignment. */
export function readSlots(assignment: Buffer, topic: string): number[] {
  return MemberAssignment.decode(assignment)?.assignment[topic] ?? [];
}

/**
 * Assigns every slot to one member, evenly to within one, and to the member that holds it where
 * possible. A member that knows of more slots than another gets none until that one has left: with
 * two counts, two members would run the same connector.
 */
export function assignSlots(
  claims: ReadonlyMap<string, Claim>,
): Map<string, number[]> {
  const count = Math.min(...[...claims.values()].map(({ slots }) => slots));
  const ids = [...claims.keys()].sort();
  const shares = new Map(ids.map((id) => [id, new Array<number>()]));
  const holders = ids.filter((id) => claims.get(id)?.slots === count);
  const free = new Set(Array.from({ length: count }, (_, slot) => slot));
  const heldBy = (id: string) => claims.get(id)?.held ?? [];
  // The members that hold most keep the slots beyond an even share.
  holders.sort((a, b) => heldBy(b).length - heldBy(a).length);
  const quota = (index: number) =>
    Math.floor((count + holders.length - 1 - index) / holders.length);
  for (const [index, id] of holders.entries())
    for (const slot of heldBy(id)) {
      const own = shares.get(id) ?? [];
      if (own.length < quota(index) && free.delete(slot)) own.push(slot);
    }
  const rest = [...free];
  for (const [index, id] of holders.entries()) {
    const own = shares.get(id) ?? [];
    own.push(...rest.splice(0, quota(index) - own.length));
    own.sort((a, b) => a - b);
  }
  return shares;
}
