const LOOK_EVERY_MS = 250;
/** A process that waits for changes works for less of its time. */
const IDLE_SHARE = 0.03;
/** More than the start of a command takes. */
const BUSY_MS = 1_000;

/** Calls `act` once the event loop has worked for a second more than that of an idle process does. */
export function onceBusy(act: () => void): void {
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
    act();
  };
  const looks = setInterval(look, LOOK_EVERY_MS).unref();
}
