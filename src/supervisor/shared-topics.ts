import type { Config } from "../config/definition/config.ts";

/** What a resource type may be made of, as far as Sell has ever named one. */
const TYPE = /^[A-Za-z0-9_]*$/;

/**
 * Whether two connectors of different accounts would write to the same topic: records of one
 * account would then overwrite those of the other, which have the same ids.
 */
export function wouldShareTopics(a: Config, b: Config): boolean {
  return (
    !isSameAccount(a, b) &&
    a.kafka.brokers.some((broker) => b.kafka.brokers.includes(broker)) &&
    canMeet(patternOf(a), patternOf(b))
  );
}

function isSameAccount({ sell: a }: Config, { sell: b }: Config): boolean {
  return a.accessToken === b.accessToken && a.baseUrl === b.baseUrl;
}

interface Pattern {
  readonly before: string;
  /** Null when the topic is the same for every type. */
  readonly after: string | null;
}

function patternOf({ name, topics }: Config): Pattern {
  const filled = topics.pattern.replaceAll("{name}", name);
  const first = filled.indexOf("{type}");
  if (first < 0) return { before: filled, after: null };
  const last = filled.lastIndexOf("{type}");
  return {
    before: filled.slice(0, first),
    after: filled.slice(last + "{type}".length),
  };
}

function canMeet(a: Pattern, b: Pattern): boolean {
  if (a.after === null)
    return b.after === null ? a.before === b.before : isOf(a.before, b);
  if (b.after === null) return isOf(b.before, a);
  const [short = "", long = ""] = [a.before, b.before].sort(byLength);
  const [shortEnd = "", longEnd = ""] = [a.after, b.after].sort(byLength);
  return (
    long.startsWith(short) &&
    TYPE.test(long.slice(short.length)) &&
    longEnd.endsWith(shortEnd) &&
    TYPE.test(longEnd.slice(0, longEnd.length - shortEnd.length))
  );
}

function isOf(topic: string, { before, after }: Pattern): boolean {
  const end = after ?? "";
  return (
    topic.length > before.length + end.length &&
    topic.startsWith(before) &&
    topic.endsWith(end) &&
    TYPE.test(topic.slice(before.length, topic.length - end.length))
  );
}

function byLength(a: string, b: string): number {
  return a.length - b.length;
}
