"""Drains Sell with the loop of Zendesk's own client, each page delivered to Kafka before its
acknowledgement, no more requests a second than are allowed: URL RATE BROKERS."""

import json
import sys
import time

import basecrm
from confluent_kafka import Producer

url, rate, brokers = sys.argv[1:]
failures = []
producer = Producer(
    {
        "bootstrap.servers": brokers,
        "acks": "all",
        "enable.idempotence": True,
        "compression.type": "gzip",
        "partitioner": "murmur2_random",
        "linger.ms": 5,
        "queue.buffering.max.messages": 1_000_000,
    }
)
client = basecrm.Client(access_token="0123456789abcdef" * 4, base_url=url)
request = client.http_client.request
acknowledge = client.sync.ack
next_start = 0.0


def paced(*args, **kwargs):
    global next_start
    wait = next_start - time.monotonic()
    if wait > 0:
        time.sleep(wait)
    next_start = time.monotonic() + 1 / float(rate)
    return request(*args, **kwargs)


def deliver_then_acknowledge(device, ack_keys):
    producer.flush()
    if failures:
        raise failures[0]
    return acknowledge(device, ack_keys)


def delivered(error, message):
    if error is not None:
        failures.append(RuntimeError(str(error)))


def take(meta, data):
    producer.produce(
        f"bench.{meta['type']}",
        key=str(data.get("id", meta["sync"]["ack_key"])),
        value=json.dumps({"data": data, "meta": meta}),
        on_delivery=delivered,
    )
    return True


client.http_client.request = paced
client.sync.ack = deliver_then_acknowledge
basecrm.Sync(client=client, device_uuid="official-client").fetch(take)
