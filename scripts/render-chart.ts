// Renders the Helm chart for test/deploy/chart.test.ts: run it with helm on the PATH after each change of the chart.
import { writeFile } from "node:fs/promises";
import {
  fingerprint,
  helm,
  renderings,
} from "../test/support/documents/chart.ts";

for (const [name, values] of Object.entries(renderings)) {
  const manifests = await helm("template", ...values);
  await writeFile(
    new URL(`../test/deploy/rendered/${name}.yaml`, import.meta.url),
    `# Made by npm run chart, of the chart with the fingerprint ${fingerprint()}\n${manifests}`,
  );
}
