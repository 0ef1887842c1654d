// The metrics of a folder tell which connectors are ready and which files are refused, with bounded labels.
import { describe, expect, it } from "vitest";
import { FleetMetrics } from "../../../src/observe/metrics/fleet-metrics.ts";
import {
  connectorText,
  sharedWith,
  unjoined,
  WatchedFolder,
  type WatchedOptions,
} from "../../support/fleet/watched-folder.ts";

const three = {
  "east.json": connectorText("east"),
  "north.json": connectorText("north"),
  "west.json": connectorText("west"),
};

/** The series of a process that runs these files, of those names. */
async function seriesOf(
  names: RegExp,
  files: Readonly<Record<string, string>>,
  options: WatchedOptions = {},
): Promise<string[]> {
  await using folder = await WatchedFolder.start(files, options);
  const metrics = new FleetMetrics(
    () => folder.telemetry.status(),
    () => [],
  );
  const lines = (await metrics.text()).split("\n");
  return lines.filter((line) => names.test(line)).sort();
}

describe("the metrics of a folder", () => {
  it("tell of each connector that runs here whether it is ready", async () => {
    const options = {
      failing: ["east"],
      unready: ["north"],
      assignments: sharedWith("there", ["west"]),
    };
    expect(
      await seriesOf(/^sell_kafka_(connector|process)/, three, options),
    ).toEqual([
      'sell_kafka_connector_ready{connector="east"} 0',
      'sell_kafka_connector_ready{connector="north"} 0',
      'sell_kafka_connectors{state="elsewhere"} 1',
      'sell_kafka_connectors{state="failed"} 1',
      'sell_kafka_connectors{state="running"} 1',
      'sell_kafka_connectors{state="stopping"} 0',
      'sell_kafka_connectors{state="waiting"} 0',
      "sell_kafka_process_ready 0",
    ]);
  });

  it("tell that the process is ready while one connector here is", async () => {
    const options = { failing: ["east"], unready: ["north"] };
    expect(await seriesOf(/^sell_kafka_process/, three, options)).toEqual([
      "sell_kafka_process_ready 1",
    ]);
  });

  it("tell that the process is not ready, and not that of each connector of others", async () => {
    const outside = { assignments: unjoined() };
    expect(
      await seriesOf(/^sell_kafka_(connector|process)_ready/, three, outside),
    ).toEqual(["sell_kafka_process_ready 0"]);
  });

  it("name each refused file, up to a hundred", async () => {
    const broken = Array.from(
      { length: 120 },
      (_, n) => [`${String(n).padStart(3, "0")}\u001b.json`, "{"] as const,
    );
    const series = await seriesOf(/^sell_kafka_config_refused/, {
      ...three,
      ...Object.fromEntries(broken),
    });
    expect(series).toHaveLength(101);
    expect(series[0]).toBe(
      'sell_kafka_config_refused{file="000\\\\u001b.json"} 1',
    );
    expect(series.at(-1)).toBe('sell_kafka_config_refused{file="other"} 20');
    expect(await seriesOf(/^sell_kafka_config_refused/, three)).toEqual([]);
  });
});
