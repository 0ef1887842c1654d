import type { Change } from "../../domain/change.ts";
import { RecordFault } from "../../domain/faults.ts";
import { isInternalTopic, LEGAL_TOPIC } from "../../lib/kafka-topics.ts";
import { keyFault } from "./record-key.ts";

export interface RouterOptions {
  readonly connectorName: string;
  /** Topic name with `{type}` and `{name}` in it. */
  readonly pattern: string;
  /** Topics that no record may take: the program's own. */
  readonly reserved: readonly string[];
}

/** Finds the topic and key of records by their type; knows nothing of what exists in the cluster. */
export class Router {
  readonly #options: RouterOptions;
  /** Whether each type has a topic of its own; else one topic holds all types, and keys name the type. */
  readonly hasTopicPerType: boolean;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.hasTopicPerType = options.pattern.includes("{type}");
  }

  /** The key of a record: its own, with the type before it where one topic holds all types. */
  keyFor(type: string, recordKey: string): string {
    return this.hasTopicPerType ? recordKey : `${type}:${recordKey}`;
  }

  /** The key of a change's record. Throws a RecordFault (stage `route`) when it is too long for one. */
  legalKey({ type, recordKey }: Change): string {
    const key = this.keyFor(type, recordKey);
    const fault = keyFault(key);
    if (fault !== null) throw fault;
    return key;
  }

  /** The topic that the pattern makes of a type, be it legal or not. */
  topicFor(type: string): string {
    return this.#options.pattern
      .replaceAll("{name}", () => this.#options.connectorName)
      .replaceAll("{type}", () => type);
  }

  /**
   * The type and the record's own part of a key in a topic that the pattern makes of some type;
   * null when the pattern does not make the topic, or it is kept for other records.
   */
  parse(topic: string, key: string): { type: string; key: string } | null {
    if (this.#isKept(topic)) return null;
    if (!this.hasTopicPerType) {
      if (topic !== this.topicFor("")) return null;
      const end = key.indexOf(":");
      if (end < 0) return { type: key, key: "" };
      return { type: key.slice(0, end), key: key.slice(end + 1) };
    }
    const parts = this.topicFor("\n").split("\n");
    const around = topic.length - parts.join("").length;
    const length = around / (parts.length - 1);
    const start = parts[0]?.length ?? 0;
    const type = topic.slice(start, start + length);
    return length >= 1 && this.topicFor(type) === topic ? { type, key } : null;
  }

  /** Whether the pattern makes the topic of some type. */
  isTarget(topic: string): boolean {
    return this.parse(topic, "") !== null;
  }

  /** The type's topic. Throws a RecordFault (stage `route`) when there can be no such topic. */
  legalTopic(type: string): string {
    const topic = this.topicFor(type);
    if (!LEGAL_TOPIC.test(topic))
      throw new RecordFault(
        "route",
        `the type ${JSON.stringify(type.slice(0, 100))} makes no legal topic name: 1 to 249 characters of A-Z a-z 0-9 . _ - are allowed`,
      );
    if (this.#isKept(topic))
      throw new RecordFault(
        "route",
        `the type ${JSON.stringify(type)} would be written to ${topic}, which is kept for other records`,
      );
    return topic;
  }

  #isKept(topic: string): boolean {
    return this.#options.reserved.includes(topic) || isInternalTopic(topic);
  }
}
