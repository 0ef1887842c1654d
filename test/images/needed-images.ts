import type { Engine } from "./engine.ts";
import { NODE_IMAGE, serviceImages } from "./names.ts";
import { standIns } from "./stand-ins.ts";

const ASKS_WITHIN_MS = 20_000;
const PULLS_WITHIN_MS = 600_000;

/** The images that were had, and what has to be removed at the end. */
export interface Had {
  readonly images: ReadonlySet<string>;
  readonly made: readonly string[];
}

/** Has each image: as it is there, or pulled, or as a stand-in that is made here. */
export async function haveImages(
  engine: Engine,
  say: (line: string) => void,
): Promise<Had> {
  const images = new Set<string>();
  const made: string[] = [];
  let canPull = true;
  for (const image of [NODE_IMAGE, ...Object.values(serviceImages)]) {
    if ((await engine.try(["image", "inspect", image])).code === 0) {
      say(`  ${image}: is there`);
      images.add(image);
      continue;
    }
    // One registry has them all: the next image is not asked for once it did not answer.
    canPull &&= await isInRegistry(engine, image);
    if (canPull && (await pulled(engine, image))) {
      say(`  ${image}: pulled`);
      images.add(image);
      continue;
    }
    const make = standIns[nameOf(image)];
    if (make === undefined) {
      say(`  ${image}: left out, it can't be pulled and has no stand-in`);
      continue;
    }
    try {
      const told = await make(engine, image);
      say(`  ${image}: can't be pulled; ${told}`);
      images.add(image);
      made.push(image);
    } catch (error) {
      const { message } = error as Error;
      say(`  ${image}: can't be pulled, and no stand-in: ${message}`);
    }
  }
  return { images, made };
}

function nameOf(image: string): string {
  return image.split(":")[0] ?? "";
}

async function isInRegistry(engine: Engine, image: string): Promise<boolean> {
  const asked = ["manifest", "inspect", image];
  const { code } = await engine.try(asked, { timeoutMs: ASKS_WITHIN_MS });
  return code === 0;
}

async function pulled(engine: Engine, image: string): Promise<boolean> {
  const pull = ["pull", "--quiet", image];
  const { code } = await engine.try(pull, { timeoutMs: PULLS_WITHIN_MS });
  return code === 0;
}
