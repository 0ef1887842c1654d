/** The result of one check, and what to do about it. */
export interface Finding {
  readonly status: "ok" | "warning" | "failed";
  readonly what: string;
  /** To be read after `what`. */
  readonly message: string;
}

/** Takes each finding as soon as it is known. */
export type Report = (finding: Finding) => Promise<void>;

export function ok(what: string, message: string): Finding {
  return { status: "ok", what, message };
}

export function warning(what: string, message: string): Finding {
  return { status: "warning", what, message };
}

export function failed(what: string, message: string): Finding {
  return { status: "failed", what, message };
}

/** Something that is wrong with one topic, and perhaps with many. */
export interface TopicProblem {
  readonly status: "warning" | "failed";
  readonly topic: string;
  /** What differs from topic to topic, such as the value of a setting. */
  readonly found: string;
  /** What that means and what to do: the same text for every topic with this problem. */
  readonly advice: string;
}

/** One finding for all topics that need the same advice. */
export function groupByAdvice(problems: readonly TopicProblem[]): Finding[] {
  const groups = Map.groupBy(
    problems,
    ({ status, advice }) => `${status} ${advice}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { status, advice } = first;
    const topics = group.map(({ topic }) => topic).sort();
    const what =
      topics.length === 1
        ? `topic ${first.topic}`
        : `${topics.length} topics (${someOf(topics)})`;
    const found = someOf([...new Set(group.map((one) => one.found))], " or ");
    const each = topics.length === 1 ? "" : "each ";
    return [{ status, what, message: `${each}${found}${advice}` }];
  });
}

const SHOWN = 5;

/** The first few of a list, and how many more there are. */
export function someOf(texts: readonly string[], separator = ", "): string {
  const some = texts.slice(0, SHOWN).join(separator);
  const more = texts.length - SHOWN;
  return more > 0 ? `${some}, and ${more} more` : some;
}
