// A first broker that is silent, broken or refuses the login is passed over, and told with its reason.
import { createServer } from "node:net";
import { createSecureContext, createServer as createTlsServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { createCluster } from "../../../../src/kafka/client/cluster.ts";
import { createKafka } from "../../../../src/kafka/client/connection.ts";
import { DeniedFault } from "../../../../src/domain/faults.ts";
import { Authority } from "../../../support/http/certificates.ts";
import { startEchoingKafka } from "../../../support/kafka/echoing-kafka.ts";
import {
  api,
  array,
  FalseBroker,
  fetched,
  frame,
  healthily,
  int32,
  metadata,
  type Answering,
} from "../../../support/kafka/false-broker.ts";

const WITHIN_MS = 5_000;

/** Until its request for `apiKey`, it is as good as any other. */
const butTo =
  (apiKey: number, answering: Answering): Answering =>
  (request) =>
    request.apiKey === apiKey ? answering(request) : request.healthy();

const silent: Answering = () => null;
const closing: Answering = ({ socket }) => {
  socket.destroy();
  return null;
};
const saying = (bytes: Buffer): Promise<FalseBroker> =>
  FalseBroker.rude((socket) => {
    socket.on("data", () => socket.write(bytes));
  });

type Useless = AsyncDisposable & { readonly address: string };

const nobody: Useless = {
  address: "127.0.0.1:1",
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

const useless: Record<string, () => Promise<Useless>> = {
  "is silent": () => FalseBroker.start(silent),
  "closes at once": () => FalseBroker.rude((socket) => socket.destroy()),
  "closes at the first request": () => FalseBroker.start(closing),
  "refuses connections": () => Promise.resolve(nobody),
  "has no route": () =>
    Promise.resolve({ ...nobody, address: "192.0.2.1:9092" }),
  "has no address": () =>
    Promise.resolve({ ...nobody, address: "kafka.invalid:9092" }),
  "has no such port": () =>
    Promise.resolve({ ...nobody, address: "127.0.0.1:99999" }),
  "speaks HTTP": () => saying(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")),
  "speaks TLS": () => saying(Buffer.from("15030300020246", "hex")),
  "sends a negative length": () => saying(int32(-1)),
  "sends an endless frame": () =>
    saying(Buffer.concat([int32(2 ** 31 - 1), Buffer.alloc(100_000)])),
  "announces an endless list of its versions": () =>
    FalseBroker.start(({ correlationId }) =>
      Buffer.concat([int32(2_000_000), int32(correlationId)]),
    ),
  "sends half an answer": () => saying(Buffer.from("0000", "hex")),
  "sends garbage of the right length": () =>
    FalseBroker.start(({ correlationId }) =>
      frame(correlationId, Buffer.alloc(40, 0xff)),
    ),
  "is silent about the cluster": () =>
    FalseBroker.start(butTo(api.metadata, silent)),
  "closes when asked for the cluster": () =>
    FalseBroker.start(butTo(api.metadata, closing)),
  "knows no brokers": () =>
    FalseBroker.start(
      butTo(api.metadata, ({ correlationId }) =>
        frame(correlationId, Buffer.concat([array(), int32(-1), array()])),
      ),
    ),
};

const clientOf = (brokers: readonly string[], more = {}) =>
  createKafka({ brokers, clientId: "test", debug: () => undefined, ...more });

/** Connects every kind of client there is. */
async function connectAll(
  kafka: ReturnType<typeof createKafka>,
): Promise<void> {
  const parts = [
    kafka.admin(),
    kafka.producer(),
    kafka.consumer({ groupId: "g" }),
    createCluster(kafka),
  ];
  await Promise.all(parts.map((part) => part.connect()));
  await Promise.all(parts.map((part) => part.disconnect()));
}

describe.concurrent("a first broker that", () => {
  it.for(Object.entries(useless))(
    "%s is passed over",
    { timeout: WITHIN_MS },
    async ([, start]) => {
      await using first = await start();
      await using second = await FalseBroker.start(healthily);
      await connectAll(clientOf([first.address, second.address]));
    },
  );

  it("is silent is not asked by the next client", async () => {
    let connections = 0;
    await using first = await FalseBroker.rude(() => connections++);
    await using second = await FalseBroker.start(healthily);
    const kafka = clientOf([first.address, second.address]);
    for (let time = 0; time < 3; time++) {
      const admin = kafka.admin();
      await admin.connect();
      await admin.disconnect();
    }
    expect(connections).toBe(1);
  });

  it("refuses the login is passed over", async () => {
    await using first = await startEchoingKafka();
    await using second = await FalseBroker.start(healthily);
    const sasl = { mechanism: "plain", username: "u", password: "p" };
    await connectAll(clientOf([first.address, second.address], { sasl }));
    expect(first.logins).not.toEqual([]);
  });

  it("falls silent during the login is passed over, and is not told as one that refuses it", async () => {
    await using first = await FalseBroker.start(
      butTo(api.saslAuthenticate, closing),
    );
    await using second = await FalseBroker.start(healthily);
    const sasl = { mechanism: "plain", username: "u", password: "p" };
    await connectAll(clientOf([first.address, second.address], { sasl }));
    const alone = clientOf([first.address], { sasl }).admin();
    await expect(alone.connect()).rejects.toThrow(
      `${first.address} has closed the connection`,
    );
  });

  it("has a certificate that is not trusted is passed over", async () => {
    const [ours, theirs] = await Promise.all(
      ["ours", "theirs"].map((name) => Authority.named(name)),
    );
    const serverOf = async (authority: Authority | undefined) => {
      const issued = await authority?.sign("broker", { names: ["127.0.0.1"] });
      const options = { cert: issued?.certificate, key: issued?.keyText };
      return FalseBroker.start(healthily, null, (serving) =>
        createTlsServer(options, serving),
      );
    };
    await using first = await serverOf(theirs);
    await using second = await serverOf(ours);
    const ssl = {
      secureContext: createSecureContext({ ca: ours?.certificate }),
      rejectUnauthorized: true,
    };
    await connectAll(clientOf([first.address, second.address], { ssl }));
    await expect(
      clientOf([first.address, first.address], { ssl }).admin().connect(),
    ).rejects.toThrow(DeniedFault);
  });
});

describe.concurrent("brokers of which none can be used", () => {
  it("are told each with its reason", async () => {
    await using closes = await FalseBroker.start(closing);
    await using http = await saying(Buffer.from("HTTP/1.1 400 Bad Request"));
    const brokers = [nobody.address, closes.address, http.address];
    const connecting = clientOf(brokers).admin().connect();
    await expect(connecting).rejects.toThrow(
      /127\.0\.0\.1:1 can't be used: connect ECONNREFUSED.*closed the connection.*it speaks HTTP/,
    );
  });

  it("are denied when one refuses the login", async () => {
    await using first = await startEchoingKafka();
    const sasl = { mechanism: "plain", username: "u", password: "p" };
    const connecting = clientOf([nobody.address, first.address], { sasl });
    await expect(connecting.admin().connect()).rejects.toThrow(DeniedFault);
  });

  it("are told with both addresses of a host", async () => {
    const connecting = clientOf(["localhost:1"]).admin().connect();
    await expect(connecting).rejects.toThrow(
      /localhost:1 can't be used: .*ECONNREFUSED.*:1/,
    );
  });

  it("are told with the address that clients are sent to", async () => {
    await using broker = await FalseBroker.start(
      butTo(api.metadata, ({ correlationId }) =>
        frame(correlationId, metadata([1])),
      ),
    );
    const admin = clientOf([broker.address]).admin();
    await admin.connect();
    await expect(admin.describeCluster()).rejects.toThrow(
      /sends its clients to 127\.0\.0\.1:1 \(advertised\.listeners.*ECONNREFUSED/,
    );
    await admin.disconnect();
  });
});

it("asks another node of the cluster once one is silent", async () => {
  let isSilent = false;
  const nodes = () => [healthy, falling].map(({ port }) => port);
  await using falling: FalseBroker = await FalseBroker.start(
    (request) => (isSilent ? null : request.healthy()),
    nodes,
  );
  await using healthy: FalseBroker = await FalseBroker.start(healthily, nodes);
  const cluster = createCluster(clientOf([falling.address]));
  await cluster.connect();
  await cluster.refreshMetadata();
  isSilent = true;
  falling.cut();
  const startMs = performance.now();
  await cluster.refreshMetadata();
  expect(performance.now() - startMs).toBeLessThan(WITHIN_MS);
  void cluster.disconnect();
});

it("uses no node of the cluster before it has told its versions", async () => {
  let early = null as Promise<unknown> | null;
  const nodes = () => [first, second].map(({ port }) => port);
  await using first: FalseBroker = await FalseBroker.start(healthily, nodes);
  await using second: FalseBroker = await FalseBroker.start((request) => {
    if (request.apiKey === api.fetch)
      return frame(request.correlationId, fetched(Buffer.alloc(0)));
    early ??= fetchFromSecond();
    return request.healthy();
  });
  const cluster = createCluster(clientOf([first.address]));
  const fetchFromSecond = async () => {
    const node = await cluster.findBroker({ nodeId: "2" });
    return node.fetch({ maxWaitTime: 1, minBytes: 1, maxBytes: 1, topics: [] });
  };
  await cluster.connect();
  await cluster.refreshMetadata();
  await fetchFromSecond();
  expect(await early).toMatchObject({ responses: [{ topicName: "t" }] });
  await cluster.disconnect();
});

it("takes an IPv6 address in brackets", async () => {
  await using broker: FalseBroker = await FalseBroker.start(
    butTo(api.metadata, ({ correlationId }) =>
      frame(correlationId, metadata([broker.port], "::1")),
    ),
    null,
    createServer,
    "::1",
  );
  await connectAll(clientOf([`[::1]:${broker.port}`]));
});
