import type { Socket } from "node:net";
import type { Protocol } from "kafkajs/src/protocol/requests/index.js";

/* The types of the private parts of kafkajs 2.2.4 that are repaired here. */

export type { Protocol };

export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly broker: string;
  readonly ssl: unknown;
  readonly connectionTimeout: number;
  readonly socketFactory: (options: {
    host: string;
    port: number;
    ssl: unknown;
    onConnect: () => void;
  }) => Socket;
  readonly requestQueue: {
    readonly inflight: ReadonlyMap<
      number,
      { readonly entry: { readonly apiKey: number } }
    >;
    readonly pending: readonly unknown[];
    canSendSocketRequestImmediately(): boolean;
    scheduleRequestTimeoutCheck(): void;
    scheduleCheckPendingRequests: () => void;
    fulfillRequest(answer: {
      correlationId: number;
      payload: Buffer;
      size: number;
    }): void;
    rejectAll(error: Error): void;
    destroy(): void;
  };
  readonly logError: (message: string) => void;
  socket?: Socket;
  connectionStatus: "connected" | "disconnecting" | "disconnected";
  authenticatedAt: unknown;
  /** Not null during a login as brokers before Kafka 1.0 exchange it, without request headers. */
  readonly authHandlers: {
    onSuccess(raw: Buffer): void;
    onError(): void;
  } | null;
  isConnected(): boolean;
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  authenticate(): Promise<void>;
  send(protocol: Protocol): Promise<unknown>;
  sendAuthRequest(protocol: unknown): Promise<unknown>;
  /** Added by the repairs: destroys the socket; all requests that wait for answers reject with the error. */
  abandon(error: Error): void;
}

interface ConnectionPool {
  readonly host: string;
  readonly port: number;
  readonly pool: readonly Connection[];
  send(protocol: Protocol): Promise<unknown>;
}

export interface PoolBroker {
  readonly nodeId: number | null;
  readonly connectionPool: ConnectionPool;
  versions: Readonly<
    Record<string, { minVersion: number; maxVersion: number }>
  > | null;
  isConnected(): boolean;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  metadata(topics: readonly string[]): Promise<unknown>;
}

interface Destination {
  readonly host?: string;
  readonly port?: number;
  readonly rack?: string | null;
}

export interface BrokerPool {
  readonly connectionPoolBuilder: {
    build: (destination?: Destination) => Promise<ConnectionPool>;
  };
  readonly rootLogger: unknown;
  readonly brokers: Readonly<Record<string, PoolBroker>>;
  readonly retrier: <T>(
    task: (bail: (error: unknown) => void) => Promise<T>,
  ) => Promise<T>;
  seedBroker: PoolBroker | undefined;
  versions: PoolBroker["versions"];
  createBroker: (options: {
    connectionPool: ConnectionPool;
    logger: unknown;
    nodeId?: number;
    versions?: PoolBroker["versions"];
  }) => PoolBroker;
  hasConnectedBrokers(): boolean;
  connect(): Promise<void>;
  connectBroker(broker: PoolBroker): Promise<unknown>;
  findConnectedBroker(): Promise<PoolBroker>;
  findBroker(node: { nodeId: string }): Promise<PoolBroker>;
  refreshMetadata(topics: readonly string[]): Promise<unknown>;
  refreshMetadataIfNecessary(topics: readonly string[]): Promise<unknown>;
  withBroker<T>(
    task: (at: { nodeId: string; broker: PoolBroker }) => Promise<T>,
  ): Promise<T | null>;
}

export interface PooledCluster {
  readonly brokerPool: BrokerPool;
  metadata(query?: { topics?: readonly string[] }): Promise<unknown>;
  findGroupCoordinatorMetadata(query: object): Promise<unknown>;
}
