import { createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export const AUDIENCE = "kafka";
export const ISSUER = "https://issuer.test";

export interface Client {
  readonly id: string;
  readonly secret: string;
}

/** An OAuth 2.0 token endpoint for the client credentials grant; its tokens are signed JWTs (RS256). */
export class TokenIssuer implements AsyncDisposable {
  readonly #server: Server;
  readonly #keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  /** In seconds. */
  lifetime = 300;
  audience = AUDIENCE;
  isDown = false;
  /** The tokens that were issued, in order. */
  readonly issued: string[] = [];
  /** The form bodies that came, in order. */
  readonly asked: URLSearchParams[] = [];

  private constructor({ id, secret }: Client) {
    const expected = `Basic ${Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString("base64")}`;
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        this.asked.push(new URLSearchParams(body));
        response.setHeader("content-type", "application/json");
        if (this.isDown) {
          response.writeHead(503).end();
          return;
        }
        const { authorization = "" } = request.headers;
        if (authorization !== expected) {
          const error_description = `no client has ${authorization}`;
          response.writeHead(401);
          response.end(
            JSON.stringify({ error: "invalid_client", error_description }),
          );
          return;
        }
        const access_token = this.#sign(id);
        this.issued.push(access_token);
        response.end(
          JSON.stringify({ access_token, expires_in: this.lifetime }),
        );
      });
    });
  }

  static async start(client: Client): Promise<TokenIssuer> {
    const issuer = new TokenIssuer(client);
    issuer.#server.listen(0, "127.0.0.1");
    await once(issuer.#server, "listening");
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/token`;
  }

  /** The public key, as JSON text of a JWK set. */
  get keySet(): string {
    const jwk = this.#keys.publicKey.export({ format: "jwk" });
    return JSON.stringify({ keys: [{ ...jwk, kid: "1", alg: "RS256" }] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
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
