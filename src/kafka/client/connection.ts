import kafkajs, {
  type Admin,
  type AdminConfig,
  type Consumer,
  type ConsumerConfig,
  type Kafka,
  type KafkaConfig,
  type Producer,
  type ProducerConfig,
} from "kafkajs";
import createAdmin from "kafkajs/src/admin/index.js";
import { abortable } from "../../lib/abortable.ts";
import { DeniedFault, UnavailableFault } from "../../domain/faults.ts";
import type { TlsOptions } from "../../security/tls-options.ts";
import { redacting, withoutSecrets } from "../../security/without-secrets.ts";
import type { Cluster } from "./cluster.ts";
import { brokerReason } from "./errors.ts";
import type { SharedConnections } from "./shared-connections.ts";
import { createLogin, type Sasl } from "../auth/login.ts";
import { explainRefusal, type Access } from "../auth/refused-access.ts";
import { repairClients, repairLibrary } from "./repairs/repairs.ts";

const RETRY = { initialRetryTime: 100, retries: 4, maxRetryTime: 2_000 };

export interface ConnectionOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: TlsOptions | false;
  readonly sasl?: Sasl | undefined;
  /** Receives the log of kafkajs, for debugging: an error that matters also rejects a call. */
  readonly debug: (message: string, facts: object) => void;
}

/**
 * Creates a client of the cluster without connecting it. The `connect` of its admins, producers and
 * consumers rejects with a DeniedFault when the brokers refuse this client, by TLS or by login.
 */
export function createKafka(options: ConnectionOptions): Kafka {
  const { brokers, clientId, ssl = false, sasl, debug } = options;
  repairLibrary();
  const login = sasl === undefined ? null : createLogin(sasl);
  return new ExplainingKafka(
    {
      brokers: [...brokers],
      clientId,
      ssl: ssl === false ? false : { ...ssl },
      ...(login !== null && { sasl: login.options }),
      connectionTimeout: 10_000,
      requestTimeout: 30_000,
      retry: RETRY,
      logCreator:
        () =>
        ({ namespace, log: { message, ...facts } }) => {
          const secrets = login?.secrets() ?? [];
          // Despite its type, the message is sometimes an Error.
          debug(withoutSecrets([message].join(""), secrets), {
            ...(JSON.parse(
              JSON.stringify(facts),
              redacting(secrets),
            ) as object),
            logger: `kafkajs/${namespace}`,
          });
        },
    },
    { brokers, tls: ssl, login },
  );
}

/** A kafkajs client whose admins, producers and consumers reject with the reason of a refusal and what to do. */
class ExplainingKafka extends kafkajs.Kafka {
  readonly #access: Access;

  constructor(config: KafkaConfig, access: Access) {
    super(config);
    this.#access = access;
    repairClients(this, access.brokers);
  }

  override admin(config?: AdminConfig): Admin {
    return this.#explainRefusals(super.admin(config));
  }

  override producer(config?: ProducerConfig): Producer {
    return this.#explainRefusals(super.producer(config));
  }

  override consumer(config: ConsumerConfig): Consumer {
    return this.#explainRefusals(super.consumer(config));
  }

  /** Returns a DeniedFault when the brokers refuse this client, else the error itself. */
  explain(error: unknown): Promise<unknown> {
    return explainRefusal(error, this.#access);
  }

  #explainRefusals<T extends { connect(): Promise<void> }>(part: T): T {
    const connect = part.connect.bind(part);
    return Object.assign(part, {
      connect: async () => {
        try {
          await connect();
        } catch (error) {
          throw await this.explain(error);
        }
      },
    });
  }
}

/** Returns a DeniedFault when the error says that the brokers refuse this client, else the error itself. */
export function explain(kafka: Kafka, error: unknown): Promise<unknown> {
  return kafka instanceof ExplainingKafka
    ? kafka.explain(error)
    : Promise.resolve(error);
}

/**
 * Lets all tasks with an admin of this client share connections, until it is disposed: a connection
 * takes a broker as much as what most tasks ask it for.
 */
export function shareAdmins(
  kafka: Kafka,
  connections: SharedConnections,
): Disposable {
  sharedConnections.set(kafka, connections);
  return {
    [Symbol.dispose]() {
      sharedConnections.delete(kafka);
      void connections[Symbol.asyncDispose]();
    },
  };
}

const sharedConnections = new WeakMap<Kafka, SharedConnections>();

/**
 * Runs one task with a connected admin client. The task must not add target topics to the admin's
 * cluster, as `fetchTopicOffsets` does. Rejects with an UnavailableFault when no broker is reached,
 * with a DeniedFault when one refuses this client.
 */
export async function withAdmin<T>(
  kafka: Kafka,
  signal: AbortSignal,
  task: (admin: Admin) => Promise<T>,
): Promise<T> {
  const at = { isConnected: false };
  const connected = (admin: Admin) => {
    at.isConnected = true;
    return abortable(task(admin), signal);
  };
  try {
    const shared = sharedConnections.get(kafka);
    if (shared === undefined)
      return await withOwnAdmin(kafka, signal, connected);
    return await shared.use(
      (cluster) => connected(adminOn(cluster, kafka)),
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    const cause = await explain(kafka, error);
    if (at.isConnected || cause instanceof DeniedFault) throw cause;
    throw new UnavailableFault(
      `Kafka can't be reached: ${brokerReason(cause)}`,
      { cause },
    );
  }
}

async function withOwnAdmin<T>(
  kafka: Kafka,
  signal: AbortSignal,
  task: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = kafka.admin();
  try {
    await abortable(admin.connect(), signal);
    return await task(admin);
  } finally {
    void admin.disconnect().catch(() => undefined);
  }
}

function adminOn(cluster: Cluster, kafka: Kafka): Admin {
  return createAdmin({ logger: kafka.logger(), retry: RETRY, cluster });
}

/** Loads the cluster's id, which every principal may read; null when the cluster reports none. */
export async function loadClusterId(
  kafka: Kafka,
  signal: AbortSignal,
): Promise<string | null> {
  return withAdmin(kafka, signal, async (admin) => {
    const { clusterId } = (await admin.describeCluster()) as {
      clusterId: string | null;
    };
    return clusterId === "" ? null : clusterId;
  });
}
