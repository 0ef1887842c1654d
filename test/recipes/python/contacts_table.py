"""Contacts as a pandas DataFrame and in DuckDB, with the types of their Avro schema, kept from the `flat` envelope."""

import json
import sys

import duckdb
import pandas as pd
import pyarrow as pa
from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, registry, topic = sys.argv[1:]
client = SchemaRegistryClient({"url": registry})
TYPES = {
    "long": pa.int64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "decimal": pa.decimal128(38, 9),
    "date": pa.date32(),
    "timestamp-millis": pa.timestamp("ms", "UTC"),
    "local-timestamp-millis": pa.timestamp("ms"),
}


def arrow_type(avro):
    if not isinstance(avro, dict):
        return TYPES[avro]
    if avro["type"] == "array":
        return pa.list_(arrow_type(avro["items"]))
    return TYPES[avro.get("logicalType", avro["type"])]


rows = {}
deserialize = AvroDeserializer(client, conf={"subject.name.strategy.type": "TOPIC"})
context = SerializationContext(topic, MessageField.VALUE)
settings = {"enable.partition.eof": True, "isolation.level": "read_committed"}
consumer = Consumer({"bootstrap.servers": brokers, "group.id": "tables", **settings})
unfinished = set(consumer.list_topics(topic).topics[topic].partitions)
consumer.assign([TopicPartition(topic, number, 0) for number in unfinished])
while unfinished:
    message = consumer.poll(10)
    if message is None:
        continue
    if message.error() and message.error().code() == KafkaError._PARTITION_EOF:
        unfinished.discard(message.partition())
    elif message.error():
        raise RuntimeError(message.error())
    else:
        rows[message.key()] = deserialize(message.value(), context)
consumer.close()

schema = json.loads(client.get_latest_version(f"{topic}-value").schema.schema_str)
columns = [(field["name"], arrow_type(field["type"][1])) for field in schema["fields"]]
left = [row for row in rows.values() if row is not None]  # None: Sell deleted it
contacts = pa.Table.from_pylist(left, pa.schema(columns))

frame = contacts.to_pandas(types_mapper=pd.ArrowDtype)
print(frame.dtypes[["id", "name", "tags", "updated_at"]].to_string())
print(frame[["id", "name", "updated_at"]].to_string())

duckdb.sql("SET TimeZone = 'UTC'")
duckdb.sql(
    """
    SELECT id, name, updated_at, cf_region AS region
    FROM contacts ORDER BY id
    """
).show()
