import { parse } from "yaml";
import { readDocument } from "../support/documents/markdown.ts";
import { portOf } from "./compose.ts";
import { eventually, expectThat } from "./report.ts";

const SCRAPED_WITHIN_MS = 60_000;

interface Alert {
  readonly labels: { readonly alertname: string };
  readonly state: "pending" | "firing";
}

async function ask<T>(path: string): Promise<T> {
  const api = `http://127.0.0.1:${portOf("prometheus")}/api/v1`;
  const { data } = (await (await fetch(`${api}/${path}`)).json()) as {
    data: T;
  };
  return data;
}

async function alerts(): Promise<readonly Alert[]> {
  return (await ask<{ alerts: Alert[] }>("alerts")).alerts;
}

/** Each rule is loaded and evaluated, the connector is scraped, and no alert is pending or fires. */
export async function checkQuiet(): Promise<string> {
  const { groups: ours } = parse(
    readDocument("deploy/prometheus/alerts.yml"),
  ) as { groups: { rules: object[] }[] };
  const wanted = ours.flatMap(({ rules }) => rules).length;
  await eventually(SCRAPED_WITHIN_MS, async () => {
    const { activeTargets } = await ask<{
      activeTargets: { health: string }[];
    }>("targets");
    const health = activeTargets.map((target) => target.health);
    if (health.join() !== "up") return `targets are ${health.join()}`;
    const { groups } = await ask<{
      groups: { rules: { health: string; lastError?: string }[] }[];
    }>("rules");
    const rules = groups.flatMap((group) => group.rules);
    const bad = rules.find((rule) => rule.health !== "ok");
    if (rules.length !== wanted) return `${rules.length} rules are loaded`;
    return bad === undefined ? null : `a rule is ${JSON.stringify(bad)}`;
  });
  const told = (await alerts()).map(({ labels }) => labels.alertname);
  expectThat(told.length === 0, `${told.join(", ")} are told`);
  return `${wanted} rules`;
}

/** Waits until an alert is pending or fires; says which of both. */
export async function waitForAlert(
  name: string,
  withinMs: number,
): Promise<string> {
  let state = "";
  await eventually(withinMs, async () => {
    const found = (await alerts()).find(
      ({ labels }) => labels.alertname === name,
    );
    state = found?.state ?? "";
    return found === undefined ? `${name} is not told` : null;
  });
  return `${name} is ${state}`;
}
