CREATE TABLE contacts (
  id STRING,
  name STRING,
  custom_fields MAP<STRING, STRING>,
  updated_at TIMESTAMP_LTZ(0),
  PRIMARY KEY (id) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = '${topic}',
  'properties.bootstrap.servers' = '${brokers}',
  'key.format' = 'raw',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'value.fields-include' = 'EXCEPT_KEY',
  'scan.bounded.mode' = 'latest-offset'
);

SELECT id, name, custom_fields['Region'] AS region, updated_at FROM contacts;
