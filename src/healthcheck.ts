// The image's HEALTHCHECK runs this file: exit code 0 when /livez answers 200, or when no server is configured.
import { loadConfig } from "./config/load-config.ts";

const ANSWERS_WITHIN_MS = 4_000;

// Without a listener, Node.js opens a debugger.
process.on("SIGUSR1", () => undefined);

const { server } = await loadConfig("connector.config.json", process.env);
if (server !== undefined && server.port !== 0) {
  const everywhere = new Map([
    ["0.0.0.0", "127.0.0.1"],
    ["::", "::1"],
  ]);
  const name = everywhere.get(server.host) ?? server.host;
  const host = name.includes(":") ? `[${name}]` : name;
  const { ok } = await fetch(`http://${host}:${server.port}/livez`, {
    signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
  });
  process.exitCode = ok ? 0 : 1;
}
