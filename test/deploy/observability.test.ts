// Dashboards, alerts and documents name only metrics that exist, and each alert leads to its section.
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { systemClock } from "../../src/lib/clock.ts";
import { createConnectorTelemetry } from "../../src/observe/connector-telemetry.ts";
import { FleetMetrics } from "../../src/observe/metrics/fleet-metrics.ts";
import {
  anchorsOf,
  documents,
  readDocument,
} from "../support/documents/markdown.ts";
import { configWith, silentTroubles } from "../support/observe/watched.ts";

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

interface RuleTests {
  readonly tests: readonly {
    readonly input_series: readonly { readonly series: string }[];
    readonly alert_rule_test: readonly {
      readonly alertname: string;
      readonly exp_alerts?: readonly unknown[];
    }[];
  }[];
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

/** The names of all metrics of a process with one connector, and of one with a folder. */
async function metricNames(): Promise<ReadonlySet<string>> {
  const config = await configWith();
  const { metrics } = createConnectorTelemetry({
    config,
    troubles: silentTroubles(config, systemClock),
    version: "1.0.0",
    clock: systemClock,
    toKafka: true,
    isOneOfMany: false,
  });
  const fleet = new FleetMetrics(
    () => ({ ready: true, instance: "a", troubles: [], connectors: [] }),
    () => [],
  );
  const text = (await metrics.text()) + (await fleet.text());
  return new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(
      ([, name = "", kind]) =>
        kind === "histogram"
          ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]
          : [name],
    ),
  );
}

function namesIn(text: string): string[] {
  return [...new Set(text.match(/\b(?:sell_kafka|process|nodejs)_\w+/g) ?? [])];
}

const alerts = parse(readDocument("deploy/prometheus/alerts.yml")) as Rules;
const rules = alerts.groups.flatMap((group) => group.rules);
const { tests } = parse(
  readDocument("deploy/prometheus/alerts.test.yml"),
) as RuleTests;
const dashboard = JSON.parse(
  readDocument("deploy/grafana/sell-kafka.json"),
) as Dashboard;
const operations = readDocument("docs/operations.md");

describe("the metrics", () => {
  it("exist, wherever a query or a document names one", async () => {
    const known = await metricNames();
    const queries = [
      ...rules.map(({ expr }) => expr),
      ...dashboard.panels.flatMap(({ targets }) => targets.map((t) => t.expr)),
    ];
    const used = namesIn(queries.join("\n"));
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
    // The changelog speaks of earlier versions too.
    const told = documents()
      .filter((document) => document !== "CHANGELOG.md")
      .flatMap((document) => namesIn(readDocument(document)))
      .filter((name) => name.startsWith("sell_kafka_"));
    expect(told.length).toBeGreaterThan(20);
    expect(told.filter((name) => !known.has(name))).toEqual([]);
  });

  it("are each explained in the operations guide", async () => {
    const own = [...(await metricNames())].filter(
      (name) =>
        name.startsWith("sell_kafka_") && !/_(bucket|sum|count)$/.test(name),
    );
    expect(own.length).toBeGreaterThan(20);
    expect(own.filter((name) => !operations.includes(`| \`${name}\``))).toEqual(
      [],
    );
  });

  it("are named in full, also without their prefix, in the texts of alerts", async () => {
    const known = await metricNames();
    const texts = rules.map(({ annotations }) => annotations["description"]);
    const named = texts.join("\n").match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? [];
    expect(named.filter((name) => !known.has(`sell_kafka_${name}`))).toEqual(
      [],
    );
  });
});

describe.each(rules)("$alert", ({ alert, annotations }) => {
  it("says which connector on which instance, what is wrong and where to read on", () => {
    expect(Object.keys(annotations)).toEqual([
      "summary",
      "description",
      "runbook_url",
    ]);
    const { summary = "", description = "" } = annotations;
    for (const text of [summary, description])
      expect(text).toContain("$labels.instance");
    // These two concern a process, not one of its connectors.
    if (!["SellKafkaGone", "SellKafkaFileRefused"].includes(alert))
      for (const text of [summary, description])
        expect(text).toContain("with $labels.connector");
  });

  it("leads to a section of the operations guide that is about it", () => {
    const [document = "", anchor = ""] = (
      annotations["runbook_url"] ?? ""
    ).split("#");
    expect(document).toBe("docs/operations.md");
    expect(anchor).toBe(alert.toLowerCase());
    expect(anchorsOf(document)).toContain(anchor);
    expect(operations.includes(`[\`${alert}\`](#${anchor})`)).toBe(true);
  });

  it("is tested to fire, with several instances, and not to fire", () => {
    const checks = tests.flatMap((one) => {
      const series = one.input_series.map((input) => input.series).join("\n");
      const instances = new Set(series.match(/instance="[^"]*"/g) ?? []);
      return one.alert_rule_test
        .filter(({ alertname }) => alertname === alert)
        .map(({ exp_alerts = [] }) => ({
          instances: instances.size,
          fires: exp_alerts.length,
        }));
    });
    expect(
      checks.some(({ instances, fires }) => instances > 1 && fires > 0),
    ).toBe(true);
    expect(checks.filter(({ fires }) => fires === 0).length).toBeGreaterThan(1);
  });
});
