import { errorChain } from "../lib/error-chain.ts";
import { textOf } from "../lib/foreign-members.ts";

const unknownAuthority = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_UNTRUSTED",
  "CERT_SIGNATURE_FAILURE",
]);

const otherCertificateTroubles = new Set([
  "CERT_CHAIN_TOO_LONG",
  "CERT_REVOKED",
  "CERT_REJECTED",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
  "HOSTNAME_MISMATCH",
]);

/** Alerts by which a server refuses the client's certificate, or demands one. */
const certificateAlert =
  /^ERR_SSL_.*ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|NO_CERTIFICATE|ACCESS_DENIED)$/;

/** Servers send these alerts both for ciphers and for a missing client certificate. */
const handshakeFailure =
  /^ERR_SSL_(.*ALERT_(HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY)|NO_CIPHERS_AVAILABLE|NO_SHARED_CIPHER)$/;

const tooWeak =
  /^(ERR_SSL_)?(\w+_(KEY_TOO_SMALL|MD_TOO_WEAK)|UNSAFE_LEGACY_RENEGOTIATION_DISABLED)$/;

const versionTrouble =
  /^ERR_SSL_(.*ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|UNKNOWN_PROTOCOL|WRONG_SSL_VERSION)$/;

const noTls =
  /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|INVALID_RECORD_TYPE|BAD_RECORD_TYPE|TLSV1_ALERT_RECORD_OVERFLOW)$/;

/**
 * Why a TLS connection fails, to be read after the server's name, and what to do; null for errors
 * that may pass. `setting` is the key that holds `caFile` and the like; null where there is none.
 */
export function tlsTroubleOf(
  error: unknown,
  setting: string | null,
): string | null {
  for (const link of errorChain(error)) {
    const trouble = troubleBehind(
      textOf(link, "code"),
      textOf(link, "message"),
      setting,
    );
    if (trouble !== null) return trouble;
  }
  return null;
}

function troubleBehind(
  code: string,
  message: string,
  setting: string | null,
): string | null {
  const own = (keys: string, otherwise: string) =>
    setting === null ? otherwise : `set ${setting}.${keys}`;
  if (unknownAuthority.has(code))
    return `has a certificate of an authority that is not trusted here (${code}); ${own("caFile to the PEM file of that authority", "add that authority to the system's, or name its PEM file in NODE_EXTRA_CA_CERTS")}`;
  if (code === "CERT_HAS_EXPIRED")
    return `has a certificate that has expired (${code}), itself or its authority's; have it renewed there, unless this machine's clock is wrong (${new Date().toISOString()})`;
  if (code === "CERT_NOT_YET_VALID")
    return `has a certificate that is not valid yet (${code}); either this machine's clock is wrong (${new Date().toISOString()}), or the server's was when it was made`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `has a certificate for another name (${message.replace(/^.* can't be used: /, "")}); use an address that is in the certificate${setting === null ? "" : `, or set ${setting}.servername to a name that is`}`;
  if (otherCertificateTroubles.has(code))
    return `has a certificate that can't be accepted (${code}: ${message}); have one made for it that is meant for servers and has a valid chain to its authority`;
  if (certificateAlert.test(code))
    return `refuses this client's certificate, or that it has none (${code}); ${own("certFile and keyFile to a client certificate that it trusts and that has not expired", "it asks for a client certificate, which can't be set here")}`;
  if (handshakeFailure.test(code))
    return `breaks off the TLS handshake (${code}): either it has no cipher in common with this client, or it demands a client certificate; ${own("certFile and keyFile if it demands one, else", "no client certificate can be set here, so")} have it allow the ciphers of TLS 1.2 or newer`;
  if (tooWeak.test(code))
    return `has a key, a certificate or TLS settings that are too weak to be accepted (${code}); have them renewed there`;
  if (/^ERR_SSL_.*UNRECOGNIZED_NAME$/.test(code))
    return `knows no host of this name (${code}); check its address`;
  if (versionTrouble.test(code))
    return `has no TLS version in common with this client (${code}); it needs TLS 1.2 or newer`;
  if (noTls.test(code))
    return `answers without TLS (${code}); check its address and port`;
  return null;
}
