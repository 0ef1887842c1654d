import { generateKeyPairSync, webcrypto, type KeyObject } from "node:crypto";
// Needed by @peculiar/x509, before it.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto);

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;

export interface Certificate {
  /** PEM, without its authority. */
  readonly certificate: string;
  readonly key: KeyObject;
  /** PEM, unencrypted. */
  readonly keyText: string;
}

/** An authority that signs certificates for a test. */
export class Authority {
  readonly #name: string;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly certificate: string;

  private constructor(
    name: string,
    keys: webcrypto.CryptoKeyPair,
    certificate: string,
  ) {
    this.#name = name;
    this.#keys = keys;
    this.certificate = certificate;
  }

  static async named(name: string): Promise<Authority> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, [
      "sign",
      "verify",
    ]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      keys,
      signingAlgorithm: algorithm,
      notAfter: new Date(Date.now() + DAY_MS),
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    });
    return new Authority(name, keys, certificate.toString("pem"));
  }

  /** A certificate for some host names; one that expired an hour ago when that is wanted. */
  async sign(
    commonName: string,
    {
      names = [],
      isExpired = false,
    }: { names?: readonly string[]; isExpired?: boolean } = {},
  ): Promise<Certificate> {
    const { publicKey, privateKey: key } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
    });
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${commonName}`,
      issuer: `CN=${this.#name}`,
      publicKey: await webcrypto.subtle.importKey(
        "spki",
        publicKey.export({ type: "spki", format: "der" }),
        algorithm,
        true,
        ["verify"],
      ),
      signingKey: this.#keys.privateKey,
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + (isExpired ? -DAY_MS / 24 : DAY_MS)),
      extensions: [
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({
            type: /^[\d.]+$/.test(value) ? "ip" : "dns",
            value,
          })),
        ),
      ],
    });
    const keyText = key.export({ type: "pkcs8", format: "pem" }).toString();
    return { certificate: certificate.toString("pem"), key, keyText };
  }
}
