import { z } from "zod";
import { text } from "./fields.ts";

/** How to speak TLS with a server: whom to trust, and whom to be. */
export const tlsDefinition = z
  .strictObject({
    caFile: text
      .optional()
      .describe(
        "PEM file of the authorities to trust; the system's without it",
      ),
    certFile: text.optional().describe("PEM file of the client certificate"),
    keyFile: text.optional().describe("PEM file of the client's private key"),
    passphrase: text.optional().describe("Passphrase of the private key"),
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
