import { DeniedFault, UnavailableFault } from "../../domain/faults.ts";
import {
  createCluster,
  type CoordinatingBroker,
  type WholeCluster,
} from "../client/cluster.ts";
import { explain } from "../client/connection.ts";
import { brokerReason, errorTypeOf } from "../client/errors.ts";
import type { Kafka } from "../client/kafkajs.ts";

export interface JoinRequest {
  /** Empty for a new member. */
  readonly memberId: string;
  /** The member's message to the leader. */
  readonly metadata: Buffer;
}

/** The answer to a JoinGroup: the member belongs to this generation of the group. */
export interface Joined {
  readonly generation: number;
  readonly memberId: string;
  /** All members with their metadata, for the leader; null for the others. */
  readonly members: ReadonlyMap<string, Buffer> | null;
}

export interface SyncRequest {
  readonly generation: number;
  readonly memberId: string;
  /** The leader's message to each member; empty from the others. */
  readonly assignments: ReadonlyMap<string, Buffer>;
}

/** The broker that coordinates a group, by Kafka's group membership protocol. Rejects with Kafka's errors. */
export interface GroupCoordinator {
  /** Finds and connects the coordinator, unless it is connected. */
  connect(): Promise<void>;
  /** Ends the connection: the next `connect` looks for the coordinator anew. */
  reset(): void;
  /** Resolves once every member has joined, or the time for that is over. */
  join(request: JoinRequest): Promise<Joined>;
  /** Resolves with what the leader tells this member. */
  sync(request: SyncRequest): Promise<Buffer>;
  heartbeat(generation: number, memberId: string): Promise<void>;
  leave(memberId: string): Promise<void>;
}

export interface GroupOptions {
  readonly group: string;
  /** The kind of group: members of another kind can't join. */
  readonly protocolType: string;
  /** The protocol by which members and leader understand each other. */
  readonly protocol: string;
  /** The coordinator removes a member from which it heard nothing for so long. */
  readonly sessionMs: number;
  /** The coordinator waits so long for members that have to join again. */
  readonly rebalanceMs: number;
}

/** A coordinator that is found by any broker of the cluster. */
export function groupCoordinator(
  kafka: Kafka,
  options: GroupOptions,
): GroupCoordinator {
  const { group: groupId, protocolType, protocol } = options;
  let cluster: WholeCluster | null = null;
  let connected: CoordinatingBroker | null = null;
  const broker = () => {
    if (connected === null)
      throw new UnavailableFault("the coordinator of the group has gone");
    return connected;
  };
  return {
    async connect() {
      if (connected !== null) return;
      const own = (cluster ??= createCluster(kafka));
      try {
        await own.connect();
        await own.refreshMetadata();
        const found = await own.findGroupCoordinator({ groupId });
        if (cluster === own) connected = found;
      } catch (error) {
        throw await explain(kafka, groupFault(error, groupId));
      }
    },
    reset() {
      void cluster?.disconnect().catch(() => undefined);
      cluster = null;
      connected = null;
    },
    async join({ memberId, metadata }) {
      try {
        const answer = await broker().joinGroup({
          groupId,
          memberId,
          sessionTimeout: options.sessionMs,
          rebalanceTimeout: options.rebalanceMs,
          protocolType,
          groupProtocols: [{ name: protocol, metadata }],
        });
        return toJoined(answer);
      } catch (error) {
        throw groupFault(error, groupId);
      }
    },
    async sync({ generation, memberId, assignments }) {
      const { memberAssignment } = await broker().syncGroup({
        groupId,
        generationId: generation,
        memberId,
        groupAssignment: [...assignments].map(([id, bytes]) => ({
          memberId: id,
          memberAssignment: bytes,
        })),
      });
      return memberAssignment ?? Buffer.alloc(0);
    },
    async heartbeat(generation, memberId) {
      const groupGenerationId = generation;
      await broker().heartbeat({ groupId, groupGenerationId, memberId });
    },
    async leave(memberId) {
      await broker().leaveGroup({ groupId, memberId });
    },
  };
}

/** Kafka's member ids: the client id, and a UUID behind it. */
const LONGEST_MEMBER_ID = 1_000;

function toJoined(
  answer: Awaited<ReturnType<CoordinatingBroker["joinGroup"]>>,
): Joined {
  const { generationId, leaderId, memberId, members } = answer;
  const ids = [memberId, ...members.map((member) => member.memberId)];
  const isId = (id: string | null) =>
    id !== null && id !== "" && id.length <= LONGEST_MEMBER_ID;
  if (generationId < 0 || memberId === null || !ids.every(isId))
    throw new UnavailableFault(
      "the coordinator of the group sent an answer that makes no sense: a member without an id, or no generation",
    );
  const named = members.map(
    (member) =>
      [
        member.memberId ?? "",
        member.memberMetadata ?? Buffer.alloc(0),
      ] as const,
  );
  return {
    generation: generationId,
    memberId,
    members: leaderId === memberId ? new Map(named) : null,
  };
}

/** Returns a DeniedFault when the group is not allowed, or holds members of another kind; else the error. */
function groupFault(error: unknown, group: string): unknown {
  const type = errorTypeOf(error);
  const isDenied =
    type === "GROUP_AUTHORIZATION_FAILED" ||
    type === "INCONSISTENT_GROUP_PROTOCOL";
  return isDenied
    ? new DeniedFault("kafka", `group ${group}: ${brokerReason(error)}`, {
        cause: error,
      })
    : error;
}
