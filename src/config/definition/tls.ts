import { z } from "zod";
import { secret, text } from "./fields.ts";

/** How to speak TLS with a server: which authorities to trust, and which certificate to show. */
export const tls = z
  .strictObject({
    caFile: text
      .optional()
      .describe(
        "PEM file of the authorities to trust; the system's without it",
      ),
    certFile: text.optional().describe("PEM file of the client certificate"),
    keyFile: text.optional().describe("PEM file of the client's private key"),
    passphrase: secret
      .min(1)
      .optional()
      .describe("Passphrase of the private key"),
    servername: text
      .optional()
      .describe("Name that the server's certificate must hold"),
  })
  .refine(
    ({ certFile, keyFile }) =>
      (certFile === undefined) === (keyFile === undefined),
    { error: "needs certFile and keyFile together" },
  )
  .refine(
    ({ passphrase, keyFile }) =>
      passphrase === undefined || keyFile !== undefined,
    {
      path: ["passphrase"],
      error: "has no effect without keyFile; add that, or remove it",
    },
  );
