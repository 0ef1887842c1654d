"""A table of contacts, kept from Protobuf values in the `change` envelope, printed once the topic's end is reached."""

import struct
import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer
from confluent_kafka.serialization import (
    MessageField,
    SerializationContext,
    SerializationError,
)

import contact_pb2

brokers, topic = sys.argv[1:]
deserialize = ProtobufDeserializer(
    contact_pb2.Envelope, {"subject.name.strategy.type": "TOPIC"}
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
    except (SerializationError, ValueError, struct.error) as problem:
        place = f"{message.partition()}/{message.offset()}"
        print(f"skipped {place}: {problem}", file=sys.stderr)
        continue
    if change.op == "d":
        contacts.pop(key, None)
    else:
        contacts[key] = change.after

consumer.close()
for key, contact in sorted(contacts.items()):
    # Money is decimal text, a time a Timestamp; a custom field is the JSON text of its value.
    day = contact.updated_at.ToDatetime().date()
    print(key, contact.name, day, contact.custom_fields.get("Region"), sep=" = ")
