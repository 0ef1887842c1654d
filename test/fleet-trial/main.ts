// Many connectors in one process, and many connectors on instances of which one is killed again
// and again; prints what it took, and ends with 1 when something was lost or came too late.
import { parseArgs } from "node:util";
import { crowd } from "./crowd.ts";
import { killings } from "./killings.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    connectors: { type: "string" },
    seconds: { type: "string" },
    /** Of the crowd. */
    guarantee: { type: "string", default: "at-least-once" },
    /** Among which the crowd is divided. */
    processes: { type: "string" },
    /** Of each account, a second. */
    changes: { type: "string" },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const number = (text: string | undefined, otherwise: number) =>
  text === undefined ? otherwise : Number(text);

const failures: string[] = [];
if (values.only !== "killings")
  failures.push(
    ...(await crowd({
      connectors: number(values.connectors, 200),
      seconds: number(values.seconds, 60),
      guarantee: values.guarantee,
      processes: number(values.processes, 1),
      changesPerSecond: number(values.changes, 2),
      say,
    })),
  );
if (values.only !== "crowd")
  failures.push(
    ...(await killings({
      connectors: number(values.connectors, 60),
      seconds: number(values.seconds, 300),
      say,
    })),
  );
for (const failure of failures) say(`failed: ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;
