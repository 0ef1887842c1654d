import { preparePython } from "../../support/python/python.ts";

const requirements = new URL("./requirements.txt", import.meta.url);
const say = (line: string) => process.stderr.write(`${line}\n`);

/** The packages of recipes that make tables in Python; null, told, where they can't be had. */
export async function tablePackages(): Promise<string | null> {
  try {
    return await preparePython(say, requirements);
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    say(`Recipes with tables in Python are skipped: ${String(error)}`);
    return null;
  }
}
