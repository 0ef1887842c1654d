import { abortable } from "../../../lib/abortable.ts";
import { reasonOf } from "../../../lib/text/reason-of.ts";
import { boundedText, TooLargeAnswer } from "../../../security/bounded-text.ts";
import { shownAddress } from "../../../security/addresses.ts";
import { noProxies, routeTo } from "../../../security/proxies.ts";
import { shapeStatus, type ShownStatus } from "./shown-status.ts";

/** Nothing at the address says how a connector is doing. */
export class NoStatus extends Error {
  override readonly name = "NoStatus";
}

export interface ReadStatus {
  /** JSON, as it was served. */
  readonly text: string;
  readonly shown: ShownStatus;
}

const WITHIN_MS = 10_000;
/** The status of thousands of connectors. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Asks a running process for its status. Rejects with a NoStatus, or the signal's reason. */
export async function readStatus(
  url: URL,
  signal: AbortSignal,
  withinMs = WITHIN_MS,
): Promise<ReadStatus> {
  const { status, text } = await ask(url, signal, withinMs);
  const where = shownAddress(url.href);
  const other = `${where} is not the status of sell-kafka`;
  if (status === 404)
    throw new NoStatus(
      `${other}: it answers 404; check the address, and for a folder that the connector runs there`,
    );
  if (status === 421)
    throw new NoStatus(
      `${where} answers 421: the server listens at a loopback address and wants that address; use localhost`,
    );
  if (status !== 200)
    throw new NoStatus(`${other}: it answers ${status}; check the address`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new NoStatus(`${other}: its answer is not JSON; check the address`);
  }
  const shown = shapeStatus(json);
  if (shown === null)
    throw new NoStatus(
      `${other}: its JSON has another shape; check the address, and that it runs a version like this one`,
    );
  return { text: text.trim(), shown };
}

async function ask(
  url: URL,
  stopping: AbortSignal,
  withinMs: number,
): Promise<{ readonly status: number; readonly text: string }> {
  const timeout = AbortSignal.timeout(withinMs);
  const signal = AbortSignal.any([stopping, timeout]);
  const answer = async () => {
    await using route = routeTo(url.href, noProxies, {
      secured: { rejectUnauthorized: true },
      connectTimeout: withinMs,
    });
    const { statusCode, body } = await route.request(url.href, {
      method: "GET",
      headers: { accept: "application/json" },
      body: null,
      signal,
    });
    return {
      status: statusCode,
      text: await boundedText(body, MOST_BYTES),
    };
  };
  try {
    return await abortable(answer(), signal);
  } catch (error) {
    stopping.throwIfAborted();
    const where = shownAddress(url.href);
    if (error instanceof TooLargeAnswer)
      throw new NoStatus(`${where}: ${error.message}; check the address`);
    const reason = timeout.aborted
      ? `no whole answer within ${withinMs / 1_000} s`
      : reasonOf(error);
    throw new NoStatus(
      `${where} can't be reached: ${reason}; check that the process runs, and its server setting`,
    );
  }
}
