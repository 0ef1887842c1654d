"""A table of contacts, kept from Avro values in the `change` envelope, printed once the topic's end is reached."""

import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import (
    MessageField,
    SerializationContext,
    SerializationError,
)

brokers, registry, topic = sys.argv[1:]
deserialize = AvroDeserializer(
    SchemaRegistryClient({"url": registry}),
    conf={"subject.name.strategy.type": "TOPIC"},
)
context = SerializationContext(topic, MessageField.VALUE)
consumer = Consumer(
    {
        "bootstrap.servers": brokers,
        "group.id": f"{topic}-table",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
    }
)
partitions = consumer.list_topics(topic).topics[topic].partitions
consumer.assign([TopicPartition(topic, number, 0) for number in partitions])

contacts = {}
unfinished = set(partitions)
while unfinished:
    message = consumer.poll(10)
    if message is None:
        continue
    if message.error():
        if message.error().code() != KafkaError._PARTITION_EOF:
            raise RuntimeError(message.error())
        unfinished.discard(message.partition())
        continue
    if message.value() is None:
        continue  # the tombstone behind a delete, there for compaction
    try:
        if "sell.connector" not in dict(message.headers() or []):
            raise ValueError("it has no header sell.connector")
        key = (message.key() or b"").decode()
        change = deserialize(message.value(), context)
    except (SerializationError, ValueError, EOFError) as problem:
        place = f"{message.partition()}/{message.offset()}"
        print(f"skipped {place}: {problem}", file=sys.stderr)
        continue
    if change["op"] == "d":
        contacts.pop(key, None)
    else:
        contacts[key] = change["after"]

consumer.close()
for key, contact in sorted(contacts.items()):
    # Money is a decimal.Decimal, a time a datetime; a custom field is the JSON text of its value.
    region = (contact["custom_fields"] or {}).get("Region")
    print(key, contact["name"], contact["updated_at"].date(), region, sep=" = ")
