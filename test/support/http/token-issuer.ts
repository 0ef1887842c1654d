import { createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { LocalServer } from "./local-server.ts";

export const AUDIENCE = "kafka";
export const ISSUER = "https://issuer.test";

export interface Client {
  readonly id: string;
  readonly secret: string;
}

/** An OAuth 2.0 token endpoint for the client credentials grant; its tokens are signed JWTs (RS256). */
export class TokenIssuer extends LocalServer {
  readonly #keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  readonly #client: Client;
  /** In seconds. */
  lifetime = 300;
  audience = AUDIENCE;
  isDown = false;
  /** Takes id and secret from the form alone. */
  wantsBody = false;
  /** The tokens that were issued, in order. */
  readonly issued: string[] = [];
  /** The form bodies that came, in order. */
  readonly asked: URLSearchParams[] = [];

  private constructor(client: Client) {
    super();
    this.#client = client;
  }

  static async start(client: Client): Promise<TokenIssuer> {
    const issuer = new TokenIssuer(client);
    await issuer.listen();
    return issuer;
  }

  override get url(): string {
    return `${super.url}/token`;
  }

  protected override serve(
    { headers: { authorization = "" } }: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): void {
    const form = new URLSearchParams(body.toString());
    this.asked.push(form);
    const answer = (status: number, json?: object) =>
      response
        .writeHead(status, { "content-type": "application/json" })
        .end(json && JSON.stringify(json));
    if (this.isDown) answer(503);
    else if (!this.#knows(authorization, form)) {
      const error_description = `no client has ${authorization} ${form.get("client_secret") ?? ""}`;
      answer(401, { error: "invalid_client", error_description });
    } else {
      const access_token = this.#sign(this.#client.id);
      this.issued.push(access_token);
      answer(200, { access_token, expires_in: this.lifetime });
    }
  }

  #knows(authorization: string, form: URLSearchParams): boolean {
    const { id, secret } = this.#client;
    if (this.wantsBody)
      return (
        authorization === "" &&
        form.get("client_id") === id &&
        form.get("client_secret") === secret
      );
    const login = Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`);
    return authorization === `Basic ${login.toString("base64")}`;
  }

  /** The public key, as JSON text of a JWK set. */
  get keySet(): string {
    const jwk = this.#keys.publicKey.export({ format: "jwk" });
    return JSON.stringify({ keys: [{ ...jwk, kid: "1", alg: "RS256" }] });
  }

  #sign(subject: string): string {
    const now = Math.floor(Date.now() / 1_000);
    const part = (json: object) =>
      Buffer.from(JSON.stringify(json)).toString("base64url");
    const claims = {
      sub: subject,
      aud: this.audience,
      iss: ISSUER,
      iat: now,
      exp: now + this.lifetime,
      jti: randomUUID(),
    };
    const signed = `${part({ alg: "RS256", kid: "1", typ: "JWT" })}.${part(claims)}`;
    const signature = createSign("RSA-SHA256").update(signed);
    return `${signed}.${signature.sign(this.#keys.privateKey, "base64url")}`;
  }
}

/** As `application/x-www-form-urlencoded` has it. */
function formEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll("%20", "+");
}
