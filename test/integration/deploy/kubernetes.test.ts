// Kubernetes' own schemas accept what the chart renders to, in the oldest and newer versions.
import { readFileSync } from "node:fs";
import { describe, expect, inject, it } from "vitest";
import { parse } from "yaml";
import {
  chart,
  manifestsIn,
  renderings,
  type Manifest,
} from "../../support/documents/chart.ts";
import { readDocument } from "../../support/documents/markdown.ts";
import { runPython } from "../../support/python/python.ts";

const python = inject("python");

async function kindsChecked(
  manifests: readonly Manifest[],
  version: string,
): Promise<unknown> {
  const script = "test/support/python/validate_manifests.py";
  const input = JSON.stringify(manifests);
  return JSON.parse(await runPython(python ?? "", script, [version], input));
}

const { kubeVersion } = parse(readFileSync(`${chart}/Chart.yaml`, "utf8")) as {
  kubeVersion: string;
};
const [oldest = ""] = /\d+\.\d+/.exec(kubeVersion) ?? [];

describe.skipIf(python === null)("the chart's manifests", () => {
  it.each(
    Object.keys(renderings).flatMap((name) =>
      [oldest, "1.31", "1.34", "1.37"].map((version) => [name, version]),
    ),
  )("of %s are valid in Kubernetes %s", async (name = "", version = "") => {
    const manifests = manifestsIn(
      readDocument(`test/deploy/rendered/${name}.yaml`),
    );
    const own = manifests
      .map(({ kind }) => kind)
      // The Prometheus operator's.
      .filter((kind) => kind !== "ServiceMonitor");
    expect(await kindsChecked(manifests, version)).toEqual(own);
  });

  it("would not be valid with a key that Kubernetes does not know", async () => {
    const [deployment] = manifestsIn(
      readDocument("test/deploy/rendered/default.yaml"),
    ).filter(({ kind }) => kind === "Deployment");
    const wrong = { ...deployment, specs: {} } as unknown as Manifest;
    await expect(kindsChecked([wrong], oldest)).rejects.toThrow(/specs/);
  });
});
