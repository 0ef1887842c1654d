import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { resolve } from "node:path";
import type { z } from "zod";
import { reasonOf } from "../lib/text/reason-of.ts";
import { createTlsOptions, type TlsOptions } from "../security/tls-options.ts";
import type { tls } from "./definition/tls.ts";
import type { Problem } from "./problem.ts";
import type { ReadText } from "./read-files.ts";

type Settings = z.output<typeof tls>;
type Complain = (key: keyof Settings, message: string) => null;

interface PemFile {
  readonly path: string;
  readonly text: string;
}

/** The TLS settings at a place of a configuration, such as `kafka.ssl`. */
export interface TlsSettings {
  readonly setting: string;
  readonly settings: Settings;
  /** The folder at which relative paths start. */
  readonly folder: string;
  readonly read: ReadText;
  /** Paths of the settings that hold text from outside, where the content of a file may stand for its name. */
  readonly filledPaths: ReadonlySet<string>;
}

/** Reads and checks the files of a TLS connection. The options are null when there are problems. */
export async function readTlsFiles(
  at: TlsSettings,
): Promise<{ tls: TlsOptions | null; problems: readonly Problem[] }> {
  const { setting, settings } = at;
  const problems: Problem[] = [];
  const complain: Complain = (key, message) => {
    problems.push({ path: `${setting}.${key}`, message });
    return null;
  };
  const [caFile, certFile, keyFile] = await Promise.all([
    readPem("caFile", at, complain),
    readPem("certFile", at, complain),
    readPem("keyFile", at, complain),
  ]);
  const ca = certificatesIn("caFile", caFile, complain);
  const chain = certificatesIn("certFile", certFile, complain);
  const key = privateKeyIn(keyFile, settings.passphrase, complain);
  if (chain !== null && key !== null && chain[0]?.checkPrivateKey(key) !== true)
    complain(
      "keyFile",
      `${keyFile?.path ?? ""} is not the key of the certificate in ${certFile?.path ?? ""}`,
    );
  if (problems.length > 0) return { tls: null, problems };
  try {
    const tls = createTlsOptions({
      ca: ca?.map(String),
      cert: chain?.map(String).join("\n"),
      key: key?.export({ type: "pkcs8", format: "pem" }).toString(),
      servername: settings.servername,
    });
    return { tls, problems };
  } catch (error) {
    const message = `can't be used: ${reasonOf(error)}`;
    return { tls: null, problems: [{ path: setting, message }] };
  }
}

/** Null when the setting is missing, or the file can't be read. */
async function readPem(
  key: "caFile" | "certFile" | "keyFile",
  { setting, settings, folder, read, filledPaths }: TlsSettings,
  complain: Complain,
): Promise<PemFile | null> {
  const file = settings[key];
  if (file === undefined) return null;
  const path = resolve(folder, file);
  const isHidden =
    filledPaths.has(`${setting}.${key}`) || /\s|-----|.{1024}/.test(file);
  const shown = isHidden ? `that ${setting}.${key} names` : path;
  try {
    return { path: shown, text: await read(path) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
    return complain(
      key,
      `needs the file ${shown}, which can't be read (${code})`,
    );
  }
}

function certificatesIn(
  key: "caFile" | "certFile",
  file: PemFile | null,
  complain: Complain,
): X509Certificate[] | null {
  if (file === null) return null;
  const blocks = file.text.match(
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
  );
  try {
    if (blocks !== null)
      return blocks.map((block) => new X509Certificate(block));
  } catch {
    // The block holds no certificate.
  }
  return complain(
    key,
    `needs certificates in PEM format ("-----BEGIN CERTIFICATE-----"), and ${file.path} holds none that can be read`,
  );
}

function privateKeyIn(
  file: PemFile | null,
  passphrase: string | undefined,
  complain: Complain,
): KeyObject | null {
  if (file === null) return null;
  const { path, text } = file;
  try {
    return createPrivateKey({
      key: text,
      ...(passphrase !== undefined && { passphrase }),
    });
  } catch {
    if (!text.includes("ENCRYPTED"))
      return complain(
        "keyFile",
        `needs a private key in PEM format, and ${path} holds none that can be read`,
      );
    return complain(
      "passphrase",
      passphrase === undefined
        ? `is required: the private key in ${path} is encrypted`
        : `does not open the private key in ${path}`,
    );
  }
}
