import { createRequire } from "node:module";
import type undici from "undici";

const require = createRequire(import.meta.url);

/*
 * The parts of undici 8.12.4 that send requests, by the names of their files. All of undici takes
 * 12 MB more, and a tenth of the start of a process.
 */
export const Pool =
  require("undici/lib/dispatcher/pool.js") as typeof undici.Pool;
export const EnvHttpProxyAgent =
  require("undici/lib/dispatcher/env-http-proxy-agent.js") as typeof undici.EnvHttpProxyAgent;
export const connector =
  require("undici/lib/core/connect.js") as typeof undici.buildConnector;
export const errors =
  require("undici/lib/core/errors.js") as typeof undici.errors;
const { prototype } =
  require("undici/lib/dispatcher/dispatcher.js") as typeof undici.Dispatcher;
// undici itself gives its dispatchers their methods in the same way.
Object.assign(prototype, require("undici/lib/api/index.js"));
