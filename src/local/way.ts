/** A real Kafka, and a real registry if requested. Disposal ends the servers that this process started. */
export interface LocalStack extends AsyncDisposable {
  readonly brokers: readonly string[];
  readonly registryUrl: string | null;
  /** True when the cluster was running before and may hold other data. */
  readonly isShared: boolean;
}

/** A way to get a Kafka. */
export interface Way {
  /** As in "Docker can't be used". */
  readonly name: string;
  readonly start: () => Promise<LocalStack>;
}
