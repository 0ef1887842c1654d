import type { buildConnector, Dispatcher, Pool as UndiciPool } from "undici";
import { isLoopbackHost } from "./addresses.ts";
import { trustSystemAuthorities } from "./tls-options.ts";
import { connector, EnvHttpProxyAgent, errors, Pool } from "./undici-parts.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** The HTTP proxies that an environment names. An empty text means none. */
export interface Proxies {
  /** The proxy for http addresses. */
  readonly http: string;
  /** The proxy for https addresses; when it is empty, `http` is used for these too. */
  readonly https: string;
  /** The hosts that are reached without a proxy, as `NO_PROXY` lists them. */
  readonly none: string;
}

export const noProxies: Proxies = { http: "", https: "", none: "" };

export function isProxied({ http, https }: Proxies): boolean {
  return http !== "" || https !== "";
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`; a variable with the lower-case name overrides each. */
export function proxiesOf(env: Environment): Proxies {
  const of = (name: string) => (env[name] ?? env[name.toUpperCase()])?.trim();
  const address = (name: string) => {
    const text = of(name) ?? "";
    return text === "" || text.includes("://") ? text : `http://${text}`;
  };
  return {
    http: address("http_proxy"),
    https: address("https_proxy"),
    none: of("no_proxy") ?? "",
  };
}

/** The names of the variables whose proxy can't be used. */
export function unusableProxiesIn(env: Environment): string[] {
  const { http, https } = proxiesOf(env);
  const isUsable = (address: string) =>
    address === "" || /^https?:$/.test(URL.parse(address)?.protocol ?? "");
  return [
    ...(isUsable(http) ? [] : ["HTTP_PROXY"]),
    ...(isUsable(https) ? [] : ["HTTPS_PROXY"]),
  ];
}

/** The way to one server, through a proxy or not. */
export interface Route extends AsyncDisposable {
  /**
   * Sends one request. It does not reject with the signal while it waits for a connection, so it is
   * awaited by `abortable`.
   */
  request(url: string, options: RouteRequest): Promise<Dispatcher.ResponseData>;
  /** Text to follow the server's address in a message; empty until a proxy is in use. */
  readonly via: string;
  /** Why the proxy refuses to connect, and what to do; null for any other error. */
  refusal(error: unknown): ProxyRefusal | null;
  /** Returns a text without the proxy's credentials. */
  hide(text: string): string;
}

interface RouteRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal;
}

export interface RouteOptions extends UndiciPool.Options {
  /** TLS options of the connection to the server itself, also behind a proxy. */
  readonly secured: { readonly rejectUnauthorized: true };
  readonly connectTimeout: number;
  /** Called after each attempt to connect. */
  readonly connected?: () => void;
}

/**
 * Leaves out proxies on other machines for a server on this machine: requests to loopback addresses
 * may carry a token over plain HTTP.
 */
export function usableFor(server: string, proxies: Proxies): Proxies {
  const isHere = isLoopback(URL.parse(server));
  const usable = (address: string) =>
    !isHere || isLoopback(URL.parse(address)) ? address : "";
  const { http, https, none } = proxies;
  return { http: usable(http), https: usable(https), none };
}

export function routeTo(
  server: string,
  proxies: Proxies,
  { secured, connected, ...options }: RouteOptions,
): Route {
  const usable = usableFor(server, proxies);
  const { http: httpProxy, https: httpsProxy } = usable;
  const proxy = URL.parse(
    (server.startsWith("https:") && httpsProxy) || httpProxy,
  );
  if (server.startsWith("https:") || proxy?.protocol === "https:")
    trustSystemAuthorities();
  const direct = connector({
    ...secured,
    timeout: options.connectTimeout,
  });
  const host = proxy?.host ?? "";
  let isProxied = false;
  const dispatcher = new EnvHttpProxyAgent({
    ...options,
    httpProxy,
    httpsProxy,
    noProxy: proxies.none,
    connect: direct,
    requestTls: secured,
    proxyTls: { rejectUnauthorized: true },
    // The pool of the proxy only sends CONNECT, and undici's own limit for the response is too long.
    clientFactory: (origin: URL, own: object) =>
      new Pool(origin, { ...own, headersTimeout: options.connectTimeout }),
    factory: (origin: URL, { connect = direct, ...rest }: Options) => {
      isProxied = connect !== direct;
      return new Pool(origin, {
        ...options,
        ...rest,
        connect: (target, done) => {
          const settled: buildConnector.Callback = (...result) => {
            connected?.();
            done(...result);
          };
          if (connect === direct) connect(target, settled);
          else throughProxy(host, connect, options)(target, settled);
        },
      });
    },
  });
  const secrets = credentialsIn(proxy);
  return {
    request: (url, options) => {
      const { origin, pathname, search } = new URL(url);
      const path = `${pathname}${search}`;
      return dispatcher.request({ ...options, origin, path });
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
    get via() {
      return isProxied ? ` (through the proxy ${host})` : "";
    },
    refusal: (error) => parseRefusal(host, proxy?.username !== "", error),
    hide: (text) => withoutSecrets(text, secrets),
  };
}

/**
 * Limits the time to connect through a proxy, including its response to CONNECT: undici limits only
 * parts of it. A connection that comes too late is closed.
 */
function throughProxy(
  host: string,
  connect: buildConnector.connector,
  { connectTimeout }: Pick<RouteOptions, "connectTimeout">,
): buildConnector.connector {
  return (target, done) => {
    const late = new AbortController();
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      const reason = `the proxy ${host} gives no connection within ${connectTimeout} ms`;
      const error = new errors.ConnectTimeoutError(reason);
      late.abort(error);
      done(error, null);
    }, connectTimeout);
    // undici passes the signal on to its CONNECT request.
    connect(
      { ...target, signal: late.signal } as typeof target,
      (...result) => {
        clearTimeout(timer);
        if (isOver) result[1]?.destroy();
        else done(...result);
      },
    );
  };
}

type Options = UndiciPool.Options & { connect?: buildConnector.connector };

/** A proxy's refusal to connect to the server. */
export interface ProxyRefusal {
  readonly message: string;
  /** Whether the same request can't succeed later. */
  readonly isLasting: boolean;
}

/** Reads the proxy's status from the message: undici gives it nowhere else. */
function parseRefusal(
  host: string,
  isLoggingIn: boolean,
  error: unknown,
): ProxyRefusal | null {
  const text = error instanceof Error ? error.message : "";
  const [, digits] =
    /^Proxy response \((\d+)\)|^Proxy Authentication Required/.exec(text) ?? [];
  if (digits === undefined && !text.startsWith("Proxy Auth")) return null;
  const status = Number(digits ?? PROXY_AUTHENTICATION_REQUIRED);
  const isLasting = status >= 400 && status < 500 && !passing.has(status);
  return {
    message: `the proxy ${host} answers ${status}: ${adviceOn(status, isLoggingIn)}`,
    isLasting,
  };
}

const PROXY_AUTHENTICATION_REQUIRED = 407;
/** Statuses below 500 after which the same request may succeed later. */
const passing = new Set([408, 425, 429]);

function adviceOn(status: number, isLoggingIn: boolean): string {
  if (status !== PROXY_AUTHENTICATION_REQUIRED)
    return "it does not connect to this server; have it allowed there, or name the server's host in NO_PROXY";
  return isLoggingIn
    ? "it refuses this login; check user and password in the address in HTTPS_PROXY or HTTP_PROXY"
    : "it wants a login; put user and password into the address in HTTPS_PROXY or HTTP_PROXY, as http://USER:PASSWORD@HOST:PORT";
}

function credentialsIn(proxy: URL | null): string[] {
  if (proxy === null || proxy.username === "") return [];
  const plain = [proxy.username, proxy.password].map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return [proxy.password, plain.join(":"), plain[1] ?? ""];
}

function isLoopback(url: URL | null): boolean {
  return url !== null && isLoopbackHost(url.hostname);
}
