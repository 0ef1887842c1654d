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


def change_in(message):
    """The key and the change of a record. Raises a ValueError for a record of another program."""
    if "sell.connector" not in dict(message.headers() or []):
        raise ValueError("it has no header sell.connector")
    change = json.loads(message.value())
    if not isinstance(change, dict) or not {"op", "after"} <= change.keys():
        raise ValueError("it is not in the change envelope")
    return (message.key() or b"").decode(), change


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
        key, change = change_in(message)
    except ValueError as problem:
        place = f"{message.partition()}/{message.offset()}"
        print(f"skipped {place}: {problem}", file=sys.stderr)
        continue
    if change["op"] == "d":
        contacts.pop(key, None)
    else:
        contacts[key] = change["after"]  # a repetition changes nothing

consumer.close()
for key, contact in sorted(contacts.items()):
    print(key, contact.get("name"), sep=" = ")
