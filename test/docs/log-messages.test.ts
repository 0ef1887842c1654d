// docs/operations.md explains every message that the log can show at warn and above.
import { readdirSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { troubleCodes } from "../../src/observe/troubles/trouble.ts";
import { placeOf, readDocument } from "../support/documents/markdown.ts";

const LEVELS = ["warn", "error", "fatal"];

/** Errors whose message a command logs as it is. */
const LOGGED_ERRORS = [
  "AuditStopped",
  "LedgerUnwritable",
  "ProgressDeadlineExceeded",
  "ReportUnwritten",
  "RivalFault",
  "ShutdownTimeout",
];
/** Files whose problems a command logs one by one. */
const FINDERS = [
  "src/app/sync-connector.ts",
  "src/config/warnings.ts",
  "src/pipeline/drain-history.ts",
];
/** Files that log the message of an error or a problem. */
const REPEATERS = [
  "src/app/audit-account.ts",
  "src/app/connector.ts",
  "src/app/run-connector.ts",
  "src/app/sync-connector.ts",
  "src/cli/commands/audit/audit.ts",
];

interface Found {
  readonly file: string;
  /** With `…` for each part that varies; null when all of it varies. */
  readonly message: string | null;
}

function sources(): string[] {
  return readdirSync(placeOf("src"), { recursive: true })
    .map((file) => `src/${String(file)}`)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
}

function textOf(node: ts.Expression | undefined): string | null {
  if (node === undefined) return null;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  const rest = node.templateSpans.map(({ literal }) => `…${literal.text}`);
  const text = node.head.text + rest.join("");
  return /[a-z]/.test(text) ? text : null;
}

/** All messages in a file that the log shows at warn or above. */
function messagesIn(file: string): Found[] {
  const source = ts.createSourceFile(
    file,
    readDocument(file),
    ts.ScriptTarget.Latest,
  );
  const found: Found[] = [];
  const add = (node: ts.Expression | undefined) =>
    found.push({ file, message: textOf(node) });
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isLogging(node.expression, source))
      add(node.arguments.at(-1));
    else if (
      ts.isNewExpression(node) &&
      LOGGED_ERRORS.includes(node.expression.getText(source))
    )
      add(node.arguments?.[0]);
    else if (
      FINDERS.includes(file) &&
      ts.isCallExpression(node) &&
      node.expression.getText(source) === "problems.push"
    )
      add(wordsOf(node.arguments[0]));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The message of a problem: the problem itself, or its `message`. */
function wordsOf(
  problem: ts.Expression | undefined,
): ts.Expression | undefined {
  if (problem === undefined || !ts.isObjectLiteralExpression(problem))
    return problem;
  return problem.properties
    .filter(ts.isPropertyAssignment)
    .find(({ name }) => ts.isIdentifier(name) && name.text === "message")
    ?.initializer;
}

/** Whether a call is `logger.warn(…)`, `logger.error(…)`, `logger.fatal(…)` or `logger[level](…)`. */
function isLogging(callee: ts.Expression, source: ts.SourceFile): boolean {
  if (
    !ts.isPropertyAccessExpression(callee) &&
    !ts.isElementAccessExpression(callee)
  )
    return false;
  if (!/logger$/.test(callee.expression.getText(source))) return false;
  return (
    ts.isElementAccessExpression(callee) || LEVELS.includes(callee.name.text)
  );
}

const found = sources().flatMap(messagesIn);
const shown = [
  ...new Set(
    found.flatMap(({ message }) => (message === null ? [] : [message])),
  ),
];
/** The first cells of the tables under the heading on logs. */
const explained = [
  ...(
    /^## Logs$(.*?)^## /ms.exec(readDocument("docs/operations.md"))?.[1] ?? ""
  ).matchAll(/^\| `([^`]+)` +\| [^|]{20,} \| [^|]{5,} \|$/gm),
].map(([, message = ""]) => message);

describe("the operations guide", () => {
  it("explains exactly the messages that the log has at warn and above", () => {
    expect(shown.length).toBeGreaterThan(20);
    expect([...explained].sort()).toEqual([...shown].sort());
  });

  it("explains every code of a trouble", () => {
    const section = /^## Troubles$(.*?)^## /ms.exec(
      readDocument("docs/operations.md"),
    )?.[1];
    const rows = (section ?? "").matchAll(
      /^\| `([a-z-]+)` +\| [^|]{15,} \| [^|]{10,} \|$/gm,
    );
    const codes = [...rows].map(([, code = ""]) => code);
    expect(codes.sort()).toEqual([...troubleCodes].sort());
  });

  it("knows every file that logs the message of an error", () => {
    const repeaters = found.filter(({ message }) => message === null);
    expect([...new Set(repeaters.map(({ file }) => file))].sort()).toEqual(
      REPEATERS,
    );
  });
});
