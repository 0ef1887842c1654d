// The image's health check asks the address at which the configuration serves.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { expect, it } from "vitest";
import { configFile } from "../../support/process/config-file.ts";
import { TOKEN } from "../../support/process/connector.ts";
import { placeOf } from "../../support/documents/markdown.ts";
import { ChildProgram } from "../../support/process/program.ts";

/** The exit code of the image's health check, in the folder of such a configuration. */
async function exitCodeWith(server?: object): Promise<number | null> {
  await using config = await configFile({
    name: "healthy",
    sell: { accessToken: "${env:TOKEN}" },
    kafka: { brokers: ["127.0.0.1:1"] },
    ...(server && { server }),
  });
  await using program = new ChildProgram(
    process.execPath,
    [placeOf("dist/healthcheck.js")],
    { cwd: dirname(config.path), env: { TOKEN } },
  );
  return (await program.ended).code;
}

it("the image's health check asks whether the process answers, where it is told to serve", async () => {
  const paths: string[] = [];
  const server = createServer(({ url = "" }, response) => {
    paths.push(url);
    response.writeHead(paths.length === 1 ? 200 : 500).end();
  });
  server.listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    expect(await exitCodeWith({ host: "0.0.0.0", port })).toBe(0);
    expect(await exitCodeWith({ port })).toBe(1);
    expect(paths).toEqual(["/livez", "/livez"]);
  } finally {
    server.close();
  }
  expect(await exitCodeWith({ port })).toBe(1);
  expect(await exitCodeWith()).toBe(0);
});
