import { z } from "zod";
import { httpsOrLoopback, loginName, secret, text } from "./fields.ts";

/** A name for a table of the configuration: of this form, and none of the reserved ones in any letter case. */
function nameOf(form: RegExp, reserved: readonly string[], error: string) {
  return z
    .string()
    .regex(form, { error })
    .refine((name) => !reserved.includes(name.toLowerCase()), { error });
}

/** Members of the form that have a setting of their own, or that the grant fixes. */
const OWN_PARAMETERS = [
  "grant_type",
  "client_id",
  "client_secret",
  "scope",
  "audience",
];

const parameterName = nameOf(
  /^[\x21-\x7e]{1,200}$/,
  OWN_PARAMETERS,
  `is not the name of a further parameter: it must be visible ASCII characters, and not ${OWN_PARAMETERS.join(", ")}, which have settings of their own or are fixed`,
);

/** The settings of a client of OAuth 2.0 that gets tokens by its own credentials. */
export const oauthClient = {
  tokenEndpoint: httpsOrLoopback.describe(
    "Address of the OAuth 2.0 token endpoint; https, or http on a loopback host",
  ),
  clientId: loginName.describe("The client, as the token endpoint knows it"),
  clientSecret: secret.min(1).describe("Secret of that client"),
  clientAuthentication: z
    .enum(["header", "body"])
    .default("header")
    .describe(
      "Where clientId and clientSecret are sent: by basic authentication, or as client_id and client_secret in the form",
    ),
  scope: text.optional().describe("Scope to ask for"),
  audience: text
    .optional()
    .describe("Audience to ask for, such as Auth0 wants"),
  parameters: z
    .record(parameterName, secret)
    .optional()
    .describe("Further parameters of the form; values are not shown"),
};

/** Headers that each request has, or that say how it is sent. */
const OWN_HEADERS = [
  "accept",
  "authorization",
  "connection",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

const headerName = nameOf(
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/,
  OWN_HEADERS,
  `is not the name of a further header: it must be a header's name, and not ${OWN_HEADERS.join(", ")}, which are set already`,
);

/** Headers beside a bearer token. */
export const extraHeaders = z
  .record(
    headerName,
    secret.regex(/^[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?$/, {
      error:
        "must be visible ASCII characters, with spaces only between them, as a header takes them",
    }),
  )
  .describe(
    "Further headers of each request, such as target-sr-cluster and Confluent-Identity-Pool-Id; values are not shown",
  );

const extensionName = nameOf(
  /^[A-Za-z]{1,200}$/,
  ["auth"],
  "is not the name of an extension: it must be letters A-Z and a-z (RFC 7628), and not auth, which is the token",
);

/** SASL extensions (RFC 7628, section 3.1). */
export const saslExtensions = z
  .record(
    extensionName,
    secret.max(10_000).regex(/^[\t\x20-\x7e]+$/, {
      error: "must be visible ASCII characters, spaces and tabs",
    }),
  )
  .describe(
    "SASL extensions sent with the token, such as logicalCluster and identityPoolId of Confluent Cloud; values are not shown",
  );
