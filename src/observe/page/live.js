import { setText, show } from "./dom.js";
import { moment } from "./words.js";

const STALE_MS = 5_000;
const RECONNECT_MS = 5_000;

/**
 * Renders each status that the server sends, and shows a warning when none has arrived for a while.
 * @template T
 * @param {(status: T) => void} render
 */
export function follow(render) {
  let shownAtMs = Date.now();
  // Measures the age, because somebody may set the wall clock.
  let shownMs = performance.now();

  function connect() {
    const source = new EventSource("events");
    source.addEventListener("message", ({ data }) => {
      shownAtMs = Date.now();
      shownMs = performance.now();
      render(/** @type {T} */ (JSON.parse(data)));
      showConnection();
    });
    source.addEventListener("error", () => {
      // The browser itself does not reconnect after an error response.
      if (source.readyState === EventSource.CLOSED)
        setTimeout(connect, RECONNECT_MS);
    });
  }

  function showConnection() {
    const isStale = performance.now() - shownMs > STALE_MS;
    show("link", isStale);
    if (isStale)
      setText(
        "link",
        `No word from sell-kafka since ${moment(shownAtMs)}: what you see is old.`,
      );
  }

  setInterval(showConnection, 1_000);
  connect();
}
