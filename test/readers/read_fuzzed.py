"""Reads values with confluent-kafka's deserializer of a format.

Arguments: the format, the registry's address. Input: a topic and a value in base64 per line. Output: the value as
JSON, a line for each.
"""

import base64
import json
import math
import struct
import sys
from decimal import Decimal
from pathlib import Path
from urllib.request import urlopen

sys.path.append(str(Path(__file__).parent.parent / "support" / "python"))

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import json_format

import read_protobuf

format, url = sys.argv[1:]
conf = {"subject.name.strategy.type": "TOPIC"}


class Protobuf:
    """Chooses the ProtobufDeserializer of a value's schema: each is made for one message."""

    def __init__(self):
        self.deserializers = {}

    def __call__(self, value, context):
        (number,) = struct.unpack(">I", value[1:5])
        if number not in self.deserializers:
            with urlopen(f"{url}/schemas/ids/{number}") as answer:
                text = json.load(answer)["schema"]
            self.deserializers[number] = read_protobuf.deserializer(text)
        message = self.deserializers[number](value, context)
        return json_format.MessageToDict(message, preserving_proto_field_name=True)


def deserializer():
    if format == "protobuf":
        return Protobuf()
    registry = SchemaRegistryClient({"url": url})
    if format == "avro":
        return AvroDeserializer(registry, conf=conf)
    return JSONDeserializer(
        None, schema_registry_client=registry, conf={**conf, "validate": True}
    )


def plain(value):
    """The same without what JSON has no word for."""
    if isinstance(value, dict):
        return {name: plain(own) for name, own in value.items()}
    if isinstance(value, list):
        return [plain(own) for own in value]
    if isinstance(value, float) and math.isinf(value):
        return "Infinity"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value


deserialize = deserializer()
for line in sys.stdin:
    topic, value = line.rstrip("\n").split("\t")
    context = SerializationContext(topic, MessageField.VALUE)
    read = deserialize(base64.b64decode(value), context)
    print(json.dumps(plain(read), default=lambda time: time.isoformat()))
