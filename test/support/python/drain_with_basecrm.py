"""Drains a Sell address with Zendesk's own client; prints what it was handed, and counts of two runs."""

import json
import sys

import basecrm

url, token, device = sys.argv[1:]
client = basecrm.Client(access_token=token, base_url=url)
received = []


def take(meta, data):
    received.append([meta["type"], meta["sync"]["ack_key"], json.dumps(data)])
    return True


basecrm.Sync(client=client, device_uuid=device).fetch(take)
first = len(received)
basecrm.Sync(client=client, device_uuid=device).fetch(take)
print(json.dumps({"first": first, "second": len(received) - first, "received": received}))
