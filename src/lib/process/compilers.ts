import { setFlagsFromString } from "node:v8";

const LOOK_EVERY_MS = 250;
/** A process that waits for changes works for less of its time. */
const IDLE_SHARE = 0.03;
/** More than the start of a command takes. */
const BUSY_MS = 1_000;

/**
 * Keeps V8 from optimizing code: JavaScript until the process is busy, and WebAssembly, which is
 * undici's HTTP parser, for good. Each of the two compilers takes some 10 MB that an idle process
 * keeps; a drain is no slower with the parser as it is.
 */
export function optimizeOnlyWhenBusy(): void {
  setFlags("--no-wasm-tier-up", "--no-wasm-dynamic-tiering");
  setFlags("--no-maglev", "--no-turbofan");
  /** The time that the event loop worked beyond an idle process's share. */
  let workMs = 0;
  let before = performance.eventLoopUtilization();
  const look = () => {
    const now = performance.eventLoopUtilization();
    const { active, idle } = performance.eventLoopUtilization(now, before);
    before = now;
    workMs = Math.max(0, workMs + active - IDLE_SHARE * (active + idle));
    if (workMs < BUSY_MS) return;
    clearInterval(looks);
    setFlags("--maglev", "--turbofan");
  };
  const looks = setInterval(look, LOOK_EVERY_MS).unref();
}

function setFlags(...flags: readonly string[]): void {
  for (const flag of flags) setFlagsFromString(flag);
}
