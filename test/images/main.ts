// Builds the image, runs it and docker-compose.yml as operators do, and checks what they rely on.
// Ends all that it started. Exit code 0: every check passed.
import { parseArgs } from "node:util";
import { Compose } from "./compose.ts";
import { checkCompose } from "./compose-checks.ts";
import { Engine } from "./engine.ts";
import { checkImage } from "./image-checks.ts";
import { checkMemory } from "./memory-checks.ts";
import { IMAGE, NODE_IMAGE, serviceImages } from "./names.ts";
import { haveImages } from "./needed-images.ts";
import { Report } from "./report.ts";

const { values } = parseArgs({
  options: {
    "where-possible": { type: "boolean", default: false },
    records: { type: "string", default: "20000" },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

process.exitCode = await main();

async function main(): Promise<number> {
  const found = await Engine.find();
  if (typeof found === "string") return notHere(found);
  await using engine = found;
  const compose = new Compose(engine);
  const problem = await compose.problem();
  if (problem !== null) return notHere(problem);
  say(engine.isOwn ? "an engine of its own runs" : "the engine is there");
  const had = await haveImages(engine, say);
  try {
    for (const image of [NODE_IMAGE, serviceImages["kafka"] ?? ""])
      if (!had.images.has(image)) return notHere(`${image} can't be had`);
    return await check(engine, compose, had.images);
  } finally {
    await compose.try("down", "--volumes", "--timeout", "5");
    // A stand-in must not be taken for the official image later.
    if (!engine.isOwn && had.made.length > 0)
      await engine.try(["image", "rm", "--force", ...had.made]);
    say(engine.isOwn ? "the engine is ended" : "the containers are removed");
  }
}

function notHere(reason: string): number {
  say(`images: not run, because ${reason}`);
  return values["where-possible"] ? 0 : 1;
}

async function check(
  engine: Engine,
  compose: Compose,
  images: ReadonlySet<string>,
): Promise<number> {
  const report = new Report(say);
  await report.check(`${IMAGE} is built`, async () => {
    await engine.docker("build", "--quiet", "--tag", IMAGE, ".");
    return undefined;
  });
  if (report.failed === 0) {
    await checkImage(engine, report);
    await checkCompose(engine, compose, images, report, () =>
      checkMemory(engine, compose, report, Number(values.records)),
    );
  }
  say(`${report.total - report.failed} of ${report.total} checks passed`);
  return report.failed === 0 ? 0 : 1;
}
