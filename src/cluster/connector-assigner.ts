import type { Claim } from "./claim.ts";

/** A member, and the connectors that it is to have. */
interface Bearer {
  readonly memberId: string;
  readonly sees: ReadonlySet<number>;
  /** The connectors that it holds already come first. */
  readonly own: number[];
}

/** One connector that goes from a member to another. */
interface Move {
  readonly connector: number;
  readonly from: Bearer;
  readonly to: Bearer;
}

/**
 * Assigns every connector to one of the members that see it: evenly to within one as far as that is
 * possible, and to the member that holds it where that stays even. The same claims always give the
 * same shares, in ascending order.
 */
export function assignConnectors(
  claims: ReadonlyMap<string, Claim>,
): Map<string, number[]> {
  const members = [...claims]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([memberId, { connectors }]): Bearer => {
      return { memberId, sees: connectors, own: [] };
    });
  keepHeld(members, claims);
  placeOthers(members);
  for (;;) {
    const moves = evening(members);
    if (moves === null) break;
    moves.forEach(move);
  }
  return new Map(
    members.map(({ memberId, own }) => [memberId, own.sort((a, b) => a - b)]),
  );
}

function keepHeld(
  members: readonly Bearer[],
  claims: ReadonlyMap<string, Claim>,
): void {
  const kept = new Set<number>();
  for (const { memberId, sees, own } of members)
    for (const connector of claims.get(memberId)?.held ?? []) {
      if (!sees.has(connector) || kept.has(connector)) continue;
      kept.add(connector);
      own.push(connector);
    }
}

/** Gives each connector that nobody has to the member with the fewest; those that few members see come first. */
function placeOthers(members: readonly Bearer[]): void {
  const seers = new Map<number, Bearer[]>();
  for (const member of members)
    for (const connector of member.sees) {
      const known = seers.get(connector);
      if (known === undefined) seers.set(connector, [member]);
      else known.push(member);
    }
  for (const { own } of members)
    for (const connector of own) seers.delete(connector);
  const free = [...seers].sort(
    ([a, byA], [b, byB]) => byA.length - byB.length || a - b,
  );
  for (const [connector, by] of free) {
    const [first, ...rest] = by;
    if (first === undefined) continue;
    const least = rest.reduce(
      (one, other) => (other.own.length < one.own.length ? other : one),
      first,
    );
    least.own.push(connector);
  }
}

/**
 * Returns moves, each to the member of the next one, that take a connector from a member and give
 * one to another that has at least two fewer; null when no such moves are left.
 */
function evening(members: readonly Bearer[]): Move[] | null {
  const byLoad = members.toSorted((a, b) => b.own.length - a.own.length);
  for (const from of byLoad) {
    const moves = lightening(from, byLoad);
    if (moves !== null) return moves;
  }
  return null;
}

/** The fewest moves from a member to the lightest one that they can reach, if that evens the two. */
function lightening(start: Bearer, members: readonly Bearer[]): Move[] | null {
  const reached = new Map<Bearer, Move | null>([[start, null]]);
  let end = start;
  // A member that is reached is looked at later in the same loop.
  for (const from of reached.keys())
    for (const to of members) {
      if (reached.has(to)) continue;
      const connector = from.own.findLast((one) => to.sees.has(one));
      if (connector === undefined) continue;
      reached.set(to, { connector, from, to });
      if (to.own.length < end.own.length) end = to;
    }
  if (end.own.length > start.own.length - 2) return null;
  const moves: Move[] = [];
  for (let at = reached.get(end); at; at = reached.get(at.from)) moves.push(at);
  return moves;
}

function move({ connector, from, to }: Move): void {
  from.own.splice(from.own.lastIndexOf(connector), 1);
  to.own.push(connector);
}
