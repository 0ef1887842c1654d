import {
  AssignerProtocol,
  type PartitionAssigner,
} from "../kafka/client/kafkajs.ts";

const { MemberAssignment, MemberMetadata } = AssignerProtocol;

/** What a member tells the others when it joins. */
export interface Claim {
  /** Name of the instance, for people. */
  readonly instance: string;
  /** How many slots there are, as it knows it. */
  readonly slots: number;
  /** The slots that it has. */
  readonly held: readonly number[];
}

/** Shares out the slots of one topic by what members claim, so that as few as possible move. */
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
          claimIn(memberMetadata),
        ]),
      );
      return Promise.resolve(
        [...share(claims)].map(([memberId, slots]) => ({
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

/** The claim in a member's metadata; that of a member that has none to make says nothing. */
export function claimIn(metadata: Buffer): Claim {
  const { userData } = MemberMetadata.decode(metadata) ?? {};
  try {
    return JSON.parse(String(userData)) as Claim;
  } catch {
    return { instance: "unknown", slots: Infinity, held: [] };
  }
}

/** The slots in a member's assignment. */
export function slotsIn(assignment: Buffer, topic: string): number[] {
  return MemberAssignment.decode(assignment)?.assignment[topic] ?? [];
}

/**
 * Gives every slot to one member, to each as many as to any other, give or take one, and leaves
 * what is held where it is, as far as that goes. Members that know of more slots than others get
 * none until those have gone: two counts would put one connector into two places.
 */
export function share(
  claims: ReadonlyMap<string, Claim>,
): Map<string, number[]> {
  const count = Math.min(...[...claims.values()].map(({ slots }) => slots));
  const ids = [...claims.keys()].sort();
  const shares = new Map(ids.map((id) => [id, new Array<number>()]));
  const holders = ids.filter((id) => claims.get(id)?.slots === count);
  const free = new Set(Array.from({ length: count }, (_, slot) => slot));
  const heldBy = (id: string) => claims.get(id)?.held ?? [];
  // Those who hold most keep the slots that can't be shared out evenly.
  holders.sort((a, b) => heldBy(b).length - heldBy(a).length);
  const quota = (place: number) =>
    Math.floor((count + holders.length - 1 - place) / holders.length);
  for (const [place, id] of holders.entries())
    for (const slot of heldBy(id)) {
      const own = shares.get(id) ?? [];
      if (own.length < quota(place) && free.delete(slot)) own.push(slot);
    }
  const rest = [...free];
  for (const [place, id] of holders.entries()) {
    const own = shares.get(id) ?? [];
    own.push(...rest.splice(0, quota(place) - own.length));
    own.sort((a, b) => a - b);
  }
  return shares;
}
