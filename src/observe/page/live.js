import { put, show } from "./dom.js";
import { moment } from "./words.js";

const STALE_MS = 5_000;
const RECONNECT_MS = 5_000;

/**
 * Renders each status as it is sent, and says so when none has come for a while.
 * @template T
 * @param {(status: T) => void} render
 */
export function follow(render) {
  let shownAtMs = Date.now();
  // The wall clock may be set meanwhile.
  let shownMs = performance.now();

  function connect() {
    const source = new EventSource("events");
    source.addEventListener("message", ({ data }) => {
      shownAtMs = Date.now();
      shownMs = performance.now();
      render(/** @type {T} */ (JSON.parse(data)));
      tellLink();
    });
    source.addEventListener("error", () => {
      // A refused stream is not asked for again by the browser itself.
      if (source.readyState === EventSource.CLOSED)
        setTimeout(connect, RECONNECT_MS);
    });
  }

  function tellLink() {
    const isStale = performance.now() - shownMs > STALE_MS;
    show("link", isStale);
    if (isStale)
      put(
        "link",
        `No word from sell-kafka since ${moment(shownAtMs)}: what you see is old.`,
      );
  }

  setInterval(tellLink, 1_000);
  connect();
}
