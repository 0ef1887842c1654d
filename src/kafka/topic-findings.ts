/** How one thing stands, and what to do about it. */
export interface Finding {
  readonly status: "ok" | "warning" | "failed";
  readonly what: string;
  readonly message: string;
}

/** What the brokers say of one topic. */
export interface TopicSettings {
  readonly name: string;
  readonly replicas: number;
  readonly settings: ReadonlyMap<string, string>;
}

export function targetFindings({
  name,
  replicas,
  settings,
}: TopicSettings): Finding[] {
  const policy = settings.get("cleanup.policy") ?? "delete";
  const findings: Finding[] = [];
  if (policy.includes("delete") && isFinite(settings)) {
    const looksAutoCreated =
      policy === "delete" && settings.get("retention.ms") === "604800000";
    findings.push(
      warning(
        name,
        `has cleanup.policy=${policy} and forgets records (retention.ms=${settings.get("retention.ms") ?? "?"}); what Kafka deletes Sell does not send again. ${looksAutoCreated ? "It looks auto-created by a broker. " : ""}Set cleanup.policy=compact, or retention.ms=-1 and retention.bytes=-1`,
      ),
    );
  }
  findings.push(...durabilityFindings(name, replicas, settings));
  return findings;
}

export function deadLetterFindings({
  name,
  replicas,
  settings,
}: TopicSettings): Finding[] {
  const policy = settings.get("cleanup.policy") ?? "delete";
  const findings = durabilityFindings(name, replicas, settings);
  if (policy.includes("compact"))
    findings.push(
      warning(
        name,
        `holds dead letters and is compacted (cleanup.policy=${policy}): of each key only the newest stays. Set cleanup.policy=delete`,
      ),
    );
  if (policy.includes("delete") && isFinite(settings))
    findings.push(
      warning(
        name,
        "holds dead letters and forgets them after a while. Set retention.ms=-1 and retention.bytes=-1",
      ),
    );
  return findings;
}

export function journalFindings({
  name,
  replicas,
  settings,
}: TopicSettings): Finding[] {
  const policy = settings.get("cleanup.policy") ?? "delete";
  const findings = durabilityFindings(name, replicas, settings);
  if (policy !== "compact")
    findings.push(
      warning(
        name,
        `is the journal of exactly-once delivery and has cleanup.policy=${policy}. Set cleanup.policy=compact`,
      ),
    );
  return findings;
}

function durabilityFindings(
  name: string,
  replicas: number,
  settings: ReadonlyMap<string, string>,
): Finding[] {
  return replicas > 1 && settings.get("min.insync.replicas") === "1"
    ? [
        warning(
          name,
          `has ${replicas} replicas, but min.insync.replicas=1: a record that one broker alone confirmed can be lost with it. Set min.insync.replicas=2`,
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

export function warning(topic: string, message: string): Finding {
  return { status: "warning", what: `topic ${topic}`, message };
}
