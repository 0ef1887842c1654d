// Trials of the built command that are the same for each value format with schemas.
import { readFile, writeFile } from "node:fs/promises";
import { request } from "undici";
import { expect } from "vitest";
import { typesWithSchema } from "../../../src/format/schema-files.ts";
import { Registry } from "../../../src/format/schema-registry/registry.ts";
import type { RegisteredSchema } from "../../../src/format/schema-registry/schema.ts";
import { readTopics, servers } from "../kafka/kafka.ts";
import type { Consumed } from "../kafka/read-topics.ts";
import { item, pageOf, ScriptedSell } from "../sell/scripted-sell.ts";
import { sellKafka, type Ended } from "./command.ts";
import { trialOf, type Trial } from "./connector.ts";

const url = servers?.registryUrl ?? "";

export const soon = () => AbortSignal.timeout(30_000);

/** Runs a command with the trial's configuration. */
export function command(
  trial: Trial,
  ...args: readonly string[]
): Promise<Ended> {
  return sellKafka([...args, "--config", trial.configPath]);
}

/** The key by which the simulator has the first revision of a record acknowledged. */
export function firstAckKey({ type, id }: { type: string; id: unknown }) {
  const name = type.replace(/(?:^|_)([a-z])/g, (_, letter: string) =>
    letter.toUpperCase(),
  );
  return `${name}-${String(id)}-1`;
}

export async function setCompatibility(
  subject: string,
  level: string,
): Promise<void> {
  const { statusCode } = await request(`${url}/config/${subject}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ compatibility: level }),
  });
  expect(statusCode).toBe(200);
}

/** Drains a deal and a deleted contact into one topic; returns its records and its newest schema. */
export async function drainIntoOneTopic(value: string): Promise<{
  readonly records: readonly Consumed[];
  readonly latest: RegisteredSchema | null;
}> {
  const deal = item({ type: "deal" });
  const deleted = item({ type: "contact", eventType: "deleted" });
  await using sell = await ScriptedSell.start([[pageOf([deal, deleted])]]);
  await using trial = await trialOf(sell.url, {
    format: { value },
    schemaRegistry: { url },
    topics: { pattern: "{name}.all" },
  });
  expect(await trial.sync()).toMatchObject({ exitCode: 0 });
  const subject = `${trial.name}.all-value`;
  return {
    records: await readTopics(trial.owns),
    latest: await new Registry({ url }).latest(subject, soon()),
  };
}

/** Replays the dead letter of a record of an unknown type; returns the records that the replay wrote. */
export async function replayOne(
  value: string,
  data: string,
): Promise<readonly Consumed[]> {
  const page = pageOf([item({ type: "a b", id: 7, data })]);
  await using sell = await ScriptedSell.start([[page]]);
  await using trial = await trialOf(sell.url, {
    format: { value, envelope: "flat" },
    schemaRegistry: { url },
  });
  await trial.sync();
  const config = await readFile(trial.configPath, "utf8");
  const corrected = config.replace("{name}.{type}", "{name}.all");
  await writeFile(trial.configPath, corrected);
  const replayed = await command(trial, "dead-letters", "replay", "--all");
  expect(replayed).toMatchObject({ exitCode: 0 });
  return await readTopics((topic) => topic === `${trial.name}.all`);
}

/** Expects that `check` counts registered schemas, and that `schemas` registers one ahead. */
export async function expectRegisteredAhead(trial: Trial): Promise<void> {
  const all = typesWithSchema().length;
  const before = await command(trial, "check");
  expect(before.stdout).toContain(`0 of ${all} are registered`);
  const registered = await command(trial, "schemas", "--register", "deal");
  expect(registered.stdout).toContain(`${trial.name}.deal-value is schema`);
  const after = await command(trial, "check");
  expect(after.stdout).toContain(`1 of ${all} are registered`);
}
