/** A bug, as a change of the source's text, and what must find it. */
export interface Mutant {
  readonly bug: string;
  /** How the path of the file ends; needed where a text stands in other files too. */
  readonly file?: string;
  /** Each text, which must stand exactly once in the source, and what takes its place. */
  readonly changes: readonly (readonly [string, string])[];
  /** The promise that a schedule finds broken; or the tests that fail. */
  readonly foundBy: RegExp | readonly string[];
}

const doneTwice = /was committed twice/;

export const mutants: readonly Mutant[] = [
  {
    bug: "acknowledges before the brokers confirm",
    file: "src/pipeline/drain-session.ts",
    changes: [
      [
        "const settled = await publisher.publish(batch, givingUp);",
        `const early = Settled.once(Promise.resolve(batch.map((item) => ({ item, fate: { kind: "published" as const } }))));
      acknowledger?.release(await early);
      const settled = await publisher.publish(batch, givingUp);`,
      ],
      [
        'import { Reader, type ReaderOptions } from "./reading/reader.ts";',
        'import { Reader, type ReaderOptions } from "./reading/reader.ts";\nimport { Settled } from "../domain/settled.ts";',
      ],
    ],
    foundBy: /before it was durable/,
  },
  {
    bug: "takes an empty page for the end",
    changes: [
      [
        'if (page === null) this.#end ??= "drained";',
        'if (page === null || page.items.length === 0) this.#end ??= "drained";',
      ],
    ],
    foundBy: /without Sell's 204|not acknowledged/,
  },
  {
    bug: "rounds an integer",
    changes: [
      [
        "data: json.subarray(dataSpan.start, dataSpan.end),",
        "data: Buffer.from(JSON.stringify(data)),",
      ],
    ],
    foundBy: ["test/format/json/any-change.test.ts"],
  },
  {
    bug: "writes the journal outside the transaction",
    changes: [
      [
        "await this.#commit(withLast(batches, checkpoint), timestampMs, signal);",
        `for (const isEntry of [false, true])
        await this.#commit(
          [records.filter(({ topic }) => (topic === JOURNAL_TOPIC) === isEntry)],
          timestampMs,
          signal,
        );`,
      ],
    ],
    foundBy: doneTwice,
  },
  {
    bug: "takes a partition of the journal for read after a rival has written",
    changes: [
      [
        "const isReadInAll = isKept && count === this.#partitions;",
        "const isReadInAll = count === this.#partitions;",
      ],
    ],
    foundBy: doneTwice,
  },
  {
    bug: "writes the journal without the device",
    changes: [
      [
        "return `${this.device}/${storeAckKey(ackKey).inKey}`;",
        "return storeAckKey(ackKey).inKey;",
      ],
      [
        "const isEntry = key.startsWith(`${this.device}/`);",
        "const isEntry = key !== this.device;",
      ],
      ["recordKey.slice(this.device.length + 1)", "recordKey"],
      [
        "for (const follower of byOwner.get(this.#ownerOf(record.key)) ?? [])",
        "for (const follower of covered)",
      ],
    ],
    foundBy:
      /duplicate of nothing|never handed out|before it was durable|ends with|its end/,
  },
  {
    bug: "keys the guard of revisions by the id only",
    changes: [
      [
        "return `${topic}\\n${type}\\n${recordKey}`;",
        "return topic === type ? topic : recordKey;",
      ],
    ],
    foundBy: /(superseded by|duplicate of) nothing|its end/,
  },
  {
    bug: "keys the guard against duplicates by the id only",
    changes: [
      [
        'return key === null ? null : `${type ?? ""}\\n${key}`;',
        "return key === null || type === null ? null : key;",
      ],
    ],
    foundBy: doneTwice,
  },
  {
    bug: "takes an item for another one once Sell calls it updated",
    changes: [
      [
        'const kind = eventType === "created" ? "updated" : (eventType ?? "");',
        'const kind = eventType ?? "";',
      ],
    ],
    foundBy: doneTwice,
  },
  {
    bug: "has the guard of revisions take an equal one for an older one",
    changes: [["known.revision <= revision", "known.revision < revision"]],
    foundBy: /(superseded by|duplicate of) nothing|its end/,
  },
  {
    bug: "takes a session that is older than what a rival published",
    changes: [
      [
        "publisher.ready(waiting)",
        "publisher.ready(waiting).catch(() => undefined)",
      ],
    ],
    foundBy: ["test/pipeline/drain.test.ts"],
  },
  {
    bug: "makes a new producer when it was fenced, and goes on",
    changes: [
      ["if (tail.hasForeign) throw this.#fenced(startedMs);", ""],
      ["if (isFencing(error)) throw this.#fenced(startedMs, error);", ""],
    ],
    foundBy: /was committed twice|was written behind/,
  },
  {
    bug: "takes a dead letter for the newest of its record",
    changes: [
      [
        'const isPublished = settling === "published";',
        'const isPublished = settling !== "superseded";',
      ],
    ],
    foundBy: ["test/publish/exactly-once/journal.test.ts"],
  },
  {
    bug: "lets newer items of a record take its older ones for new",
    changes: [
      ["if (isDelete) generation", "if (isDelete || order > 0) generation"],
      [
        'const opposite = isDelete ? "other" : "delete";',
        'const opposite = isDelete ? "delete" : ("delete" as const);',
      ],
      [
        "deletes.isOvertaken(record, opposite, order, revision),",
        "deletes.isOvertaken(record, opposite, order + 2 ** -21, revision && null),",
      ],
    ],
    foundBy: doneTwice,
  },
  {
    bug: "looks for the journal's entries in one of its partitions",
    changes: [["!isReadInAll &&", "(isReadInAll as unknown) === null &&"]],
    foundBy: doneTwice,
  },
  {
    bug: "goes on under a new producer id after a failure",
    changes: [
      ["if (this.#epoch < LARGEST_EPOCH) this.#epoch++;\n    else ", ""],
      [
        "last?.records === records &&",
        "records.length === 0 && last !== null &&",
      ],
    ],
    foundBy: /was written behind/,
  },
  {
    bug: "writes other records under the epoch of those in doubt",
    changes: [["if (isInDoubt || ", "if ("]],
    foundBy: /is called (published|a dead letter), and is not/,
  },
  {
    bug: "takes a refusal for an answer to earlier attempts too",
    changes: [["batch.doubts--;", "batch.doubts = 0;"]],
    foundBy: /is called published, and is not/,
  },
  {
    bug: "takes the last stable offset for the end of the journal",
    changes: [["const READ_UNCOMMITTED = 0;", "const READ_UNCOMMITTED = 1;"]],
    foundBy: doneTwice,
  },
  {
    bug: "makes dead letters of a whole batch that was refused",
    changes: [
      [
        'case "split": {',
        `case "split": {
        const one = afterRefusal(batch.slice(0, 1), refused);
        if (one.kind === "refused")
          return {
            outcomes: [],
            deadLetters: batch.map((group) =>
              this.#options.toDeadLetter(group, one.fault),
            ),
          };`,
      ],
    ],
    foundBy: /nothing is odd about it/,
  },
  {
    bug: "takes a write that was not confirmed for a write",
    changes: [
      [
        'import { writeInChunks } from "./chunk-writer.ts";',
        'import { isRetryable } from "../domain/faults.ts";\nimport { writeInChunks } from "./chunk-writer.ts";',
      ],
      [
        "return sink.write([records], signal);",
        `return sink.write([records], signal).catch((error: unknown) => {
        if (!isRetryable(error)) throw error;
        return null;
      });`,
      ],
    ],
    foundBy: /is called (published|a dead letter), and is not/,
  },
  {
    bug: "guesses that a commit in doubt did not happen",
    changes: [["if (journal.wasCommitted(records, tail)) return;", ""]],
    foundBy: doneTwice,
  },
  {
    bug: "forgets an item of a batch",
    file: "src/publish/plan.ts",
    changes: [
      [
        "for (const item of items) {",
        "for (const item of items.slice(0, -1)) {",
      ],
    ],
    foundBy: /no fate/,
  },
  {
    bug: "gives an item two fates",
    changes: [
      [
        "return [...settled, ...repeatedOutcomes(repeated, settled)];",
        "return [...settled, ...settled.slice(0, 1)];",
      ],
    ],
    foundBy: /two fates/,
  },
  {
    bug: "acknowledges what it deferred",
    changes: [
      [
        'if (fate.kind !== "deferred" && item.ackKey !== null)',
        "if (item.ackKey !== null)",
      ],
    ],
    foundBy: /before it was durable/,
  },
  {
    bug: "writes older revisions behind newer ones",
    changes: [
      [
        "of inOrderOfRevision(changes)",
        "of inOrderOfRevision(changes).toReversed()",
      ],
    ],
    foundBy: /was written behind/,
  },
  {
    bug: "repeats a write of two revisions of a record",
    changes: [
      [
        "return !isOther && !this.#isTooMuch(group);",
        "return !this.#isTooMuch(group);",
      ],
    ],
    foundBy: /was written behind/,
  },
  {
    bug: "takes a lost page for none",
    changes: [
      [
        "if (!(error instanceof ThrottledFault))\n        this.#counts.lostPage(error as Error);",
        "",
      ],
    ],
    foundBy: /not acknowledged/,
  },
  {
    bug: "takes failed objects for nothing",
    changes: [
      [
        "        report.failedObjects.length > 0 ||\n        acknowledger.refused > 0",
        "        acknowledger.refused > 0",
      ],
      [
        "if (last !== null && last.failedObjects.length > 0)",
        "if (false as boolean)",
      ],
    ],
    foundBy: /not acknowledged/,
  },
  {
    bug: "takes an acknowledgement that failed for one that was heard",
    changes: [
      [
        "() => source.acknowledge(keys, signal),",
        "() => source.acknowledge(keys, signal).catch((error: unknown) => { if (!isRetryable(error)) throw error; }),",
      ],
    ],
    foundBy: /not acknowledged/,
  },
  {
    bug: "buffers more than it may",
    changes: [
      ["this.#maxBytes = maxBytes;", "this.#maxBytes = 1_000 * maxBytes;"],
    ],
    foundBy: /bytes were buffered/,
  },
  {
    bug: "forgets that a try without an answer may have written what is refused now",
    changes: [["if (tries > 1) inDoubt(batch);", ""]],
    foundBy: /was written behind/,
  },
  {
    bug: "forgets that what is deferred may have been written with others",
    changes: [["if (wasRefused) inDoubt([write]);", ""]],
    foundBy: ["test/publish/publisher.test.ts"],
  },
  {
    bug: "makes a hundred dead letters of one cause in each session",
    changes: [
      [
        "    this.#tallies.clear();",
        "    this.#tallies.clear();\n    this.#held.clear();",
      ],
    ],
    foundBy: ["test/publish/publisher.test.ts"],
  },
  {
    bug: "never writes records of a type again that its topic has refused",
    changes: [["else Object.assign(held, NOTHING_TRIED);", ""]],
    foundBy: /its end/,
  },
  {
    bug: "starts a connector that moves before its former lease has ended",
    changes: [["settleMs: 7_000,", "settleMs: 3_000,"]],
    foundBy: ["test/cluster/group-schedules.test.ts"],
  },
  {
    bug: "renews a lease by the time of the answer",
    changes: [
      [
        `renewed(sentMs);
      if (hasNews())`,
        `renewed(clock.uptimeMs());
      if (hasNews())`,
      ],
    ],
    foundBy: ["test/cluster/membership.test.ts"],
  },
  {
    bug: "starts a connector at once that another may have had in a generation it missed",
    changes: [
      [
        "this.#generation === null || id !== this.#generation + 1",
        "this.#generation === null",
      ],
    ],
    foundBy: ["test/cluster/connector-leases.test.ts"],
  },
];
