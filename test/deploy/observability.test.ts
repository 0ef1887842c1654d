// Dashboards and alerts name only metrics that exist, and the operations guide explains each.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { tryCommand } from "../../src/local/artifacts.ts";
import { MetricsObserver } from "../../src/observe/metrics/metrics-observer.ts";
import { TypeLabels } from "../../src/observe/metrics/type-counts.ts";
import { systemClock } from "../../src/lib/clock.ts";

const folder = new URL("../../", import.meta.url);
const textOf = (path: string) => readFileSync(new URL(path, folder), "utf8");
const promtool = await tryCommand("promtool", "--version");

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

async function metricNames(): Promise<ReadonlySet<string>> {
  const metrics = new MetricsObserver({
    connector: null,
    version: "1.0.0",
    clock: systemClock,
    types: new TypeLabels(),
    waiting: () => [],
  });
  const names = (await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)/gm);
  return new Set(
    [...names].flatMap(([, name = "", kind]) =>
      kind === "histogram"
        ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]
        : [name],
    ),
  );
}

function namesIn(text: string): string[] {
  return [...new Set(text.match(/\b(?:sell_kafka|process|nodejs)_\w+/g) ?? [])];
}

const alerts = parse(textOf("deploy/prometheus/alerts.yml")) as Rules;
const rules = alerts.groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(
  textOf("deploy/grafana/sell-kafka.json"),
) as Dashboard;
const operations = textOf("docs/operations.md");

describe("what comes for Prometheus and Grafana", () => {
  it("names only metrics that exist", async () => {
    const known = await metricNames();
    const queries = [
      ...rules.map(({ expr }) => expr),
      ...dashboard.panels.flatMap(({ targets }) => targets.map((t) => t.expr)),
    ];
    const used = namesIn(queries.join("\n"));
    expect(used.length).toBeGreaterThan(10);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });

  it("explains every metric and every alert in the operations guide", async () => {
    const own = [...(await metricNames())].filter(
      (name) =>
        name.startsWith("sell_kafka_") && !/_(bucket|sum|count)$/.test(name),
    );
    expect(own).toHaveLength(17);
    for (const name of own) expect(operations).toContain(`| \`${name}\``);
    for (const { alert } of rules) expect(operations).toContain(`\`${alert}\``);
  });

  it("tells with each alert what to do", () => {
    for (const { annotations } of rules)
      expect(Object.keys(annotations)).toEqual(["summary", "description"]);
  });

  it.skipIf(promtool === null)("passes Prometheus's own tests", async () => {
    const run = promisify(execFile);
    const file = (name: string) =>
      new URL(`deploy/prometheus/${name}`, folder).pathname;
    await run("promtool", ["check", "rules", file("alerts.yml")]);
    await run("promtool", ["test", "rules", file("alerts.test.yml")]);
  });
});
