import type { Config } from "../config/definition/config.ts";

/** The characters of the resource types that Sell names. */
const TYPE = /^[A-Za-z0-9_]*$/;

/**
 * Whether connectors of two accounts would write to the same topic, where records of one account
 * would overwrite those of the other with the same ids.
 */
export function wouldShareTopics(a: Config, b: Config): boolean {
  return (
    !isSameAccount(a, b) &&
    a.kafka.brokers.some((broker) => b.kafka.brokers.includes(broker)) &&
    canOverlap(parsePattern(a), parsePattern(b))
  );
}

function isSameAccount({ sell: a }: Config, { sell: b }: Config): boolean {
  return a.accessToken === b.accessToken && a.baseUrl === b.baseUrl;
}

/** A topic pattern: what comes before the resource type, and after it. */
interface Pattern {
  readonly before: string;
  /** Null when all types go to the same topic. */
  readonly after: string | null;
}

function parsePattern({ name, topics }: Config): Pattern {
  const filled = topics.pattern.replaceAll("{name}", name);
  const first = filled.indexOf("{type}");
  if (first < 0) return { before: filled, after: null };
  const last = filled.lastIndexOf("{type}");
  return {
    before: filled.slice(0, first),
    after: filled.slice(last + "{type}".length),
  };
}

function canOverlap(a: Pattern, b: Pattern): boolean {
  if (a.after === null)
    return b.after === null ? a.before === b.before : matches(a.before, b);
  if (b.after === null) return matches(b.before, a);
  const [short = "", long = ""] = [a.before, b.before].sort(byLength);
  const [shortEnd = "", longEnd = ""] = [a.after, b.after].sort(byLength);
  return (
    long.startsWith(short) &&
    TYPE.test(long.slice(short.length)) &&
    longEnd.endsWith(shortEnd) &&
    TYPE.test(longEnd.slice(0, longEnd.length - shortEnd.length))
  );
}

function matches(topic: string, { before, after }: Pattern): boolean {
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
