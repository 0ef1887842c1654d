/** How one thing stands, and what to do about it. */
export interface Finding {
  readonly status: "ok" | "warning" | "failed";
  readonly what: string;
  readonly message: string;
}

/** Takes each finding as it is made. */
export type Report = (finding: Finding) => Promise<void>;

/** What the brokers say of one topic. */
export interface TopicSettings {
  readonly name: string;
  readonly replicas: number;
  readonly settings: ReadonlyMap<string, string>;
}

/** Something about one topic, that may be so of many. */
export interface TopicTrouble {
  readonly status: "warning" | "failed";
  readonly topic: string;
  /** What differs from topic to topic, such as a setting's value. */
  readonly has: string;
  /** What that means, and what to do: the same for all topics of which it is said. */
  readonly says: string;
}

/** One finding for all topics of which the same is to be said. */
export function grouped(troubles: readonly TopicTrouble[]): Finding[] {
  const groups = Map.groupBy(
    troubles,
    ({ status, says }) => `${status} ${says}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { status, says } = first;
    const topics = group.map(({ topic }) => topic).sort();
    const what =
      topics.length === 1
        ? `topic ${first.topic}`
        : `${topics.length} topics (${someOf(topics)})`;
    const has = someOf([...new Set(group.map((one) => one.has))], " or ");
    const each = topics.length === 1 ? "" : "each ";
    return [{ status, what, message: `${each}${has}${says}` }];
  });
}

const SHOWN = 5;

/** The first few of a list, and how many more there are. */
export function someOf(texts: readonly string[], separator = ", "): string {
  const some = texts.slice(0, SHOWN).join(separator);
  const more = texts.length - SHOWN;
  return more > 0 ? `${some}, and ${more} more` : some;
}

export function targetTroubles(topic: TopicSettings): TopicTrouble[] {
  const { name, settings } = topic;
  const policy = policyOf(topic);
  const troubles = durabilityTroubles(topic);
  if (!forgetsRecords(topic)) return troubles;
  const looksAutoCreated =
    policy === "delete" && settings.get("retention.ms") === "604800000";
  return [
    warning(
      name,
      `has cleanup.policy=${policy} with retention.ms=${settings.get("retention.ms") ?? "?"}`,
      ` and forgets records; what Kafka deletes Sell does not send again. ${looksAutoCreated ? "It looks auto-created by a broker. " : ""}Set cleanup.policy=compact, or retention.ms=-1 and retention.bytes=-1`,
    ),
    ...troubles,
  ];
}

export function deadLetterTroubles(topic: TopicSettings): TopicTrouble[] {
  const { name, settings } = topic;
  const policy = policyOf(topic);
  const troubles = durabilityTroubles(topic);
  if (policy.includes("compact"))
    troubles.push(
      warning(
        name,
        `holds dead letters and is compacted (cleanup.policy=${policy})`,
        ": of each key only the newest stays. Set cleanup.policy=delete",
      ),
    );
  if (policy.includes("delete") && isFinite(settings))
    troubles.push(
      warning(
        name,
        "holds dead letters and forgets them after a while",
        ". Set retention.ms=-1 and retention.bytes=-1",
      ),
    );
  return troubles;
}

export function journalTroubles(topic: TopicSettings): TopicTrouble[] {
  const policy = policyOf(topic);
  const troubles = durabilityTroubles(topic);
  if (policy !== "compact")
    troubles.push(
      warning(
        topic.name,
        `is the journal of exactly-once delivery and has cleanup.policy=${policy}`,
        ". Set cleanup.policy=compact",
      ),
    );
  return troubles;
}

/** Whether Kafka deletes records that nothing has taken the place of. */
export function forgetsRecords(
  topic: Pick<TopicSettings, "settings">,
): boolean {
  return policyOf(topic).includes("delete") && isFinite(topic.settings);
}

function policyOf({ settings }: Pick<TopicSettings, "settings">): string {
  return settings.get("cleanup.policy") ?? "delete";
}

function durabilityTroubles({
  name,
  replicas,
  settings,
}: TopicSettings): TopicTrouble[] {
  return replicas > 1 && settings.get("min.insync.replicas") === "1"
    ? [
        warning(
          name,
          `has ${replicas} replicas`,
          ", but min.insync.replicas=1: a record that one broker alone confirmed can be lost with it. Set min.insync.replicas=2",
        ),
      ]
    : [];
}

function isFinite(settings: ReadonlyMap<string, string>): boolean {
  return (
    settings.get("retention.ms") !== "-1" ||
    (settings.get("retention.bytes") ?? "-1") !== "-1"
  );
}

export function warning(
  topic: string,
  has: string,
  says: string,
): TopicTrouble {
  return { status: "warning", topic, has, says };
}
