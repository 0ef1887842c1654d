"""A table of contacts, kept from the `change` envelope, printed once the topic's end is reached."""

import json
import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition

brokers, topic = sys.argv[1:]
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
    change = json.loads(message.value())
    key = message.key().decode()
    if change["op"] == "d":
        contacts.pop(key, None)
    else:
        contacts[key] = change["after"]  # a repetition changes nothing

consumer.close()
for key, contact in sorted(contacts.items()):
    print(key, contact["name"], sep=" = ")
