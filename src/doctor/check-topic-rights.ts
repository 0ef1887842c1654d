import type { Kafka } from "../kafka/client/kafkajs.ts";
import {
  createCluster,
  type AskedBroker,
  type Cluster,
} from "../kafka/client/cluster.ts";
import { brokerReason } from "../kafka/client/errors.ts";
import { abortable } from "../lib/abortable.ts";
import {
  authorizedOperations,
  type Operation,
  type Rights,
} from "./authorized-operations.ts";
import {
  groupByAdvice,
  ok,
  warning,
  type Finding,
  type TopicProblem,
} from "./finding.ts";

export interface TopicRights {
  readonly operations: readonly Operation[];
  /** The finding's kind when one of the rights is lacking. */
  readonly status: TopicProblem["status"];
}

/** By topic. */
export type NeededRights = ReadonlyMap<string, TopicRights>;

const what = "rights on topics";

/** Checks that the principal has the rights that a run needs on existing topics. Writes nothing. */
export async function checkTopicRights(
  kafka: Kafka,
  needed: NeededRights,
  signal: AbortSignal,
): Promise<Finding[]> {
  const cluster = createCluster(kafka);
  try {
    const rights = await askForRights(cluster, [...needed.keys()], signal);
    return rights === null
      ? [ok(what, "are untried: the brokers do not tell them")]
      : compareRights(needed, rights);
  } catch (error) {
    signal.throwIfAborted();
    return [warning(what, `are untried: ${brokerReason(error)}`)];
  } finally {
    void cluster.disconnect().catch(() => undefined);
  }
}

/** Null when the brokers do not tell. */
async function askForRights(
  cluster: Cluster,
  topics: readonly string[],
  signal: AbortSignal,
): ReturnType<typeof authorizedOperations> {
  await abortable(cluster.connect(), signal);
  await abortable(cluster.refreshMetadata(), signal);
  const broker = await abortable(cluster.findControllerBroker(), signal);
  return abortable(authorizedOperations(broker as AskedBroker, topics), signal);
}

function compareRights(
  needed: NeededRights,
  rights: ReadonlyMap<string, Rights>,
): Finding[] {
  const problems = [...needed].flatMap(([topic, wanted]) =>
    rightsProblem(topic, wanted, rights.get(topic)),
  );
  if (problems.length > 0) return groupByAdvice(problems);
  const existing = [...needed.keys()].filter(
    (topic) => rights.get(topic)?.kind === "granted",
  );
  return [
    ok(
      what,
      existing.length === 0
        ? "are untried: none of the topics exists yet"
        : `suffice on the ${existing.length} that exist; on topics that are yet to be created they are untried`,
    ),
  ];
}

const names: Readonly<Record<Operation, string>> = {
  read: "Read",
  write: "Write",
};

function rightsProblem(
  topic: string,
  { operations, status }: TopicRights,
  rights: Rights = { kind: "missing" },
): TopicProblem[] {
  if (rights.kind === "missing") return [];
  const isHidden = rights.kind === "hidden";
  const lacking = operations.filter(
    (one) => isHidden || !rights.operations.has(one),
  );
  if (lacking.length === 0) return [];
  const words = lacking.map((one) => names[one]).join(" and ");
  return [
    {
      status,
      topic,
      found: isHidden ? "does not exist, or is hidden" : "exists",
      advice: `, ${isHidden ? "and" : "but"} the principal may not ${words}. Allow it ${words}`,
    },
  ];
}
