CREATE TABLE contacts (
  sell_key STRING,
  name STRING,
  cf_region STRING,
  updated_at TIMESTAMP(3),
  PRIMARY KEY (sell_key) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = '${topic}',
  'properties.bootstrap.servers' = '${brokers}',
  'key.format' = 'raw',
  'value.format' = 'avro-confluent',
  'value.avro-confluent.url' = '${registry}',
  'value.fields-include' = 'EXCEPT_KEY',
  'scan.bounded.mode' = 'latest-offset'
);

SELECT
  sell_key,
  name,
  cf_region AS region,
  CAST(updated_at AS TIMESTAMP(0)) AS updated_at
FROM contacts;
