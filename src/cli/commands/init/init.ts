import { resolve } from "node:path";
import { Option, type Command } from "@commander-js/extra-typings";
import { UsageError } from "../../../app/usage-error.ts";
import { envelopeNames, valueFormatNames } from "../../../format/names.ts";
import { shellWord } from "../../../lib/text/shell-word.ts";
import { examples } from "../../examples.ts";
import { refuseExisting, writeNew } from "../../new-file.ts";
import type { FlagsOf } from "../../options.ts";
import { numberParser } from "../../parse-number.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import type { Definition } from "../definition.ts";
import type { Answers } from "./answers.ts";
import {
  DEFAULT_FILE,
  guaranteeNames,
  loginNames,
  secretVariables,
  type SecretVariable,
} from "./defaults.ts";

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("init")).action((flags) =>
    execute(() => init(flags, context)),
  );
};

const withOptions = (command: Command) =>
  command
    .description(
      "write a first configuration; on a terminal it asks for what no option names",
    )
    .option(
      "--config <file>",
      "the file to write; connector.config.json without it",
    )
    .option("--name <name>", "what the connector is called; sell without it")
    .option(
      "--brokers <list>",
      "Kafka's addresses, host:port, with commas between them; localhost:9092 without it",
    )
    .addOption(
      new Option(
        "--envelope <name>",
        "envelope of the events; change without it",
      ).choices(envelopeNames),
    )
    .addOption(
      new Option(
        "--value <format>",
        "format of the values; json without it",
      ).choices(valueFormatNames),
    )
    .option(
      "--registry <url>",
      "address of the schema registry, for a format that needs one",
    )
    .option(
      "--sell <url>",
      'another Sell, such as that of "sell-kafka simulate", for which no access token is needed',
    )
    .option("--tls", "the brokers expect TLS")
    .addOption(
      new Option(
        "--login <mechanism>",
        "how to log in at the brokers; none without it. The secret comes from the environment",
      ).choices(loginNames),
    )
    .option("--username <name>", "name to log in by, for plain and scram")
    .option(
      "--token-endpoint <url>",
      "address of the OAuth token endpoint, for oauthbearer",
    )
    .option("--client-id <id>", "OAuth client, for oauthbearer")
    .option("--region <name>", "AWS region of the cluster, for aws-msk-iam")
    .addOption(
      new Option(
        "--guarantee <name>",
        "how often a consumer sees a change; at-least-once without it",
      ).choices(guaranteeNames),
    )
    .option(
      "--port <port>",
      "port of the status page, metrics and probes on this machine; none without it",
      numberParser({ least: 0, most: 65_535, whole: true }),
    )
    .option("--check", "run check with what was written")
    .option("--force", "overwrite a file that is there")
    .addHelpText(
      "after",
      examples(
        ["answer questions, on a terminal", "init"],
        [
          "without questions",
          "init --name crm --brokers kafka1:9093,kafka2:9093 --tls --login scram-sha-512 --username sell-kafka --port 9464",
        ],
        ["for a simulated Sell", "init --sell http://127.0.0.1:8081 --check"],
      ),
    );

export type InitFlags = FlagsOf<typeof withOptions>;

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("./answers.ts")),
  ...(await import("./choices.ts")),
  ...(await import("./interview.ts")),
  ...(await import("./start-config.ts")),
  ...(await import("../check.ts")),
});

/** Writes a first configuration: from flags, and on a terminal from answers too. */
async function init(
  flags: InitFlags,
  context: ProcessContext,
): Promise<number> {
  const { givenBy, NoAnswer, startConfig, toChoices, variablesOf, check } =
    await load();
  const { config, force = false } = flags;
  if (config !== undefined) refuseExisting(config, force);
  const given = givenBy(flags);
  await refuseInvalid(given, flags, context);
  try {
    const { answers, isChecked } = await ask(given, flags, context);
    const path = resolve(answers.config);
    const choices = toChoices(answers, flags, path, context);
    await writeNew(path, startConfig(choices), force);
    const missing = missingOf(variablesOf(choices), context);
    const steps = nextSteps(answers.config, missing, context.command);
    await print(context.stdout, steps);
    if (!isChecked) return 0;
    await print(context.stdout, "\n");
    return await check({ config: answers.config }, context);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    context.stderr.write("\nnothing was written\n");
    return 1;
  }
}

/** Throws a UsageError that names the flags of which no valid configuration can be made. */
async function refuseInvalid(
  given: Answers,
  flags: InitFlags,
  context: ProcessContext,
): Promise<void> {
  const { flagOf, keyFor, problemsWith, toChoices } = await load();
  const problems = await problemsWith(
    toChoices(given, flags, "", context),
    context,
  );
  const lines = problems.flatMap(({ path, message }) => {
    const key = keyFor(path);
    const isAsked = key !== null && flags[key] === undefined;
    if (isAsked && isTerminal(context)) return [];
    return `  ${key === null ? path : flagOf(key)} ${message}`;
  });
  if (lines.length > 0)
    throw new UsageError(
      `the configuration would not be valid:\n${lines.join("\n")}`,
    );
}

/** Asks for what no flag says, on a terminal. Rejects with a NoAnswer. */
async function ask(
  given: Answers,
  flags: InitFlags,
  context: ProcessContext,
): Promise<{ readonly answers: Answers; readonly isChecked: boolean }> {
  if (!isTerminal(context))
    return { answers: given, isChecked: flags.check === true };
  const { askFor, Interview, toChoices, variablesOf, yesOrNo } = await load();
  using interview = new Interview(context);
  const answers = await askFor(given, flags, context, interview);
  if (flags.check === true) return { answers, isChecked: true };
  const missing = missingOf(
    variablesOf(toChoices(answers, flags, "", context)),
    context,
  );
  const isChecked = await interview.ask({
    text: "Run check with it: yes or no",
    suggestion: missing.length === 0 ? "yes" : "no",
    problem: yesOrNo,
  });
  return { answers, isChecked: isChecked === "yes" };
}

function isTerminal({ stdin, stderr }: ProcessContext): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

function missingOf(
  variables: readonly SecretVariable[],
  { env }: ProcessContext,
): SecretVariable[] {
  return variables.filter((name) => env[name] === undefined);
}

function nextSteps(
  file: string,
  missing: readonly SecretVariable[],
  command: string,
): string {
  const flag = file === DEFAULT_FILE ? "" : ` --config ${shellWord(file)}`;
  const commands = [
    ["check", "look whether everything is in place"],
    ["sync --stdout", "show the events, and change nothing"],
    ["sync", "drain Sell into Kafka once"],
    ["run", "go on doing so"],
  ].map(([words = "", does = ""]) => [`${command} ${words}${flag}`, does]);
  const width = Math.max(...commands.map(([line = ""]) => line.length));
  return [
    `wrote ${file}; next:`,
    ...missing.map(
      (name) =>
        `  put ${secretVariables[name]} into the environment, as ${name}`,
    ),
    ...commands.map(
      ([line = "", does = ""]) => `  ${line.padEnd(width)}  ${does}`,
    ),
    "",
  ].join("\n");
}
