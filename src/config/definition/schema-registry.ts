import { z } from "zod";
import { httpAddress, loginName, secret, withoutQuery } from "./fields.ts";
import { extraHeaders, oauthClient } from "./oauth.ts";
import { tls } from "./tls.ts";

/** How to reach the schema registry. */
export const schemaRegistry = z
  .strictObject({
    url: httpAddress
      .refine(withoutQuery.isFit, withoutQuery)
      .describe(
        "Address of a Confluent-compatible schema registry, http or https",
      ),
    username: loginName
      .optional()
      .describe("Name for basic authentication, together with password"),
    password: secret
      .min(1)
      .optional()
      .describe("Password for basic authentication, together with username"),
    oauth: z
      .strictObject({ ...oauthClient, headers: extraHeaders.optional() })
      .optional()
      .describe(
        "Login by a bearer token that a token endpoint issues, in place of username and password",
      ),
    ssl: tls.optional().describe("TLS files for an https address"),
    autoRegister: z
      .boolean()
      .default(true)
      .describe(
        "Register schemas; without it the latest registered one is used",
      ),
  })
  .refine(
    ({ username, password }) =>
      (username === undefined) === (password === undefined),
    { error: "needs username and password together" },
  )
  .refine(
    ({ username, password, oauth }) =>
      oauth === undefined || (username === undefined && password === undefined),
    {
      path: ["oauth"],
      error:
        "can't be used together with username and password; remove one of the two logins",
    },
  )
  .refine(
    ({ url, ssl }) => ssl === undefined || URL.parse(url)?.protocol !== "http:",
    {
      path: ["ssl"],
      error:
        "has no effect on an http:// address; make it https://, or remove it",
    },
  );
