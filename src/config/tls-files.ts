import {
  createPrivateKey,
  hash,
  X509Certificate,
  type KeyObject,
} from "node:crypto";
import { resolve } from "node:path";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { reasonOf } from "../lib/reason-of.ts";
import type { TlsOptions } from "../security/tls-options.ts";
import type { Problem } from "./problem.ts";
import { readText } from "./read-text.ts";

/** The settings of a TLS connection, as a configuration holds them. */
export interface TlsFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly servername?: string | undefined;
}

interface PemFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Reads and checks the files of a TLS connection. A relative path starts at `folder`; what is
 * wrong is told under `setting`, such as `kafka.ssl`. Answers null when there are problems.
 */
export async function readTlsFiles(
  files: TlsFiles,
  setting: string,
  folder: string,
  readFile = readText,
  /** Settings that came from elsewhere: in place of a file's name, they may hold its text. */
  filledPaths: ReadonlySet<string> = new Set(),
): Promise<{ tls: TlsOptions | null; problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const complain = (key: keyof TlsFiles, message: string): null => {
    problems.push({ path: `${setting}.${key}`, message });
    return null;
  };
  const read = async (key: "caFile" | "certFile" | "keyFile") => {
    const file = files[key];
    if (file === undefined) return null;
    const path = resolve(folder, file);
    const isHidden =
      filledPaths.has(`${setting}.${key}`) || /\s|-----|.{1024}/.test(file);
    const shown = isHidden ? `that ${setting}.${key} names` : path;
    try {
      return { path: shown, text: await readFile(path) };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
      return complain(
        key,
        `needs the file ${shown}, which can't be read (${code})`,
      );
    }
  };
  const certificates = (key: "caFile" | "certFile", file: PemFile | null) => {
    if (file === null) return null;
    const found = certificatesIn(file.text);
    return (
      found ??
      complain(
        key,
        `needs certificates in PEM format ("-----BEGIN CERTIFICATE-----"), and ${file.path} holds none that can be read`,
      )
    );
  };
  const privateKey = (file: PemFile | null): KeyObject | null => {
    if (file === null) return null;
    const { passphrase } = files;
    try {
      return createPrivateKey({
        key: file.text,
        ...(passphrase !== undefined && { passphrase }),
      });
    } catch {
      if (!file.text.includes("ENCRYPTED"))
        return complain(
          "keyFile",
          `needs a private key in PEM format, and ${file.path} holds none that can be read`,
        );
      return complain(
        "passphrase",
        passphrase === undefined
          ? `is required: the private key in ${file.path} is encrypted`
          : `does not open the private key in ${file.path}`,
      );
    }
  };

  const [caFile, certFile, keyFile] = await Promise.all([
    read("caFile"),
    read("certFile"),
    read("keyFile"),
  ]);
  const ca = certificates("caFile", caFile);
  const chain = certificates("certFile", certFile);
  const key = privateKey(keyFile);
  if (chain !== null && key !== null && chain[0]?.checkPrivateKey(key) !== true)
    complain(
      "keyFile",
      `${keyFile?.path ?? ""} is not the key of the certificate in ${certFile?.path ?? ""}`,
    );
  if (problems.length > 0) return { tls: null, problems };
  try {
    const tls = tlsOptions(
      {
        ...(ca !== null && { ca: ca.map(String) }),
        ...(chain !== null && { cert: chain.map(String).join("\n") }),
        ...(key !== null && {
          key: key.export({ type: "pkcs8", format: "pem" }),
        }),
      },
      files.servername,
    );
    return { tls, problems };
  } catch (error) {
    const reason = reasonOf(error);
    problems.push({ path: setting, message: `can't be used: ${reason}` });
    return { tls: null, problems };
  }
}

const inUse = new Map<string, WeakRef<TlsOptions>>();

/** Equal settings are one object, by which connections that can be shared are told. */
function tlsOptions(
  pem: Pick<SecureContextOptions, "ca" | "cert" | "key">,
  servername: string | undefined,
): TlsOptions {
  const print = hash("sha256", JSON.stringify([pem, servername]));
  const known = inUse.get(print)?.deref();
  if (known !== undefined) return known;
  const options: TlsOptions = {
    secureContext: createSecureContext({ ...pem, minVersion: "TLSv1.2" }),
    ...(servername !== undefined && { servername }),
    rejectUnauthorized: true,
  };
  inUse.set(print, new WeakRef(options));
  return options;
}

/** Null when there is none, or one that can't be read. */
function certificatesIn(text: string): X509Certificate[] | null {
  const blocks = text.match(
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
  );
  try {
    return blocks?.map((block) => new X509Certificate(block)) ?? null;
  } catch {
    return null;
  }
}
