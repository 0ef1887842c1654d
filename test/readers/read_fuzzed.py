"""Reads fuzzed values with confluent-kafka's deserializer of a format, and checks that no member is lost.

Arguments: the format, the layout, the registry's address. Input: one JSON object per line with the topic, the
value in base64, the record's text, the names and texts of its members, and the names of members whose own
members are columns. Output: how many were read.
"""

import base64
import json
import re
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

import read_protobuf

format, layout, url = sys.argv[1:]
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
        return self.deserializers[number](value, context)


def deserializer():
    if format == "protobuf":
        return Protobuf()
    registry = SchemaRegistryClient({"url": url})
    if format == "avro":
        return AvroDeserializer(registry, conf=conf)
    return JSONDeserializer(
        None, schema_registry_client=registry, conf={**conf, "validate": True}
    )


def state_in(value):
    """The record in an envelope, or alone."""
    if format == "protobuf":
        if "after" not in value.DESCRIPTOR.fields_by_name:
            return value
        return value.after if value.HasField("after") else value.before
    if "after" not in value or "op" not in value:
        return value
    return value["before"] if value["after"] is None else value["after"]


def member_in(row, name):
    """A member's value in its own field; None without one."""
    if format != "protobuf":
        return row.get(name)
    field = row.DESCRIPTOR.fields_by_name.get(name)
    if field is None or (field.has_presence and not row.HasField(name)):
        return None
    return getattr(row, name)


def is_there(row, extra, name, text):
    if name in extra:
        return extra[name] == text
    own = member_in(row, name)
    sent = json.loads(text)
    if own is None:
        return sent is None
    if isinstance(own, (bool, int)):
        return json.dumps(own) == text
    if isinstance(own, Decimal):
        return own == Decimal(sent if isinstance(sent, str) else text)
    if isinstance(own, str):
        return own == sent or Decimal(own) == Decimal(
            sent if isinstance(sent, str) else text
        )
    return sent is not None


def is_in_columns(row, extra, name, text):
    """Whether a member is in its column, or as JSON in `extra`."""
    # A name that UTF-8 can't hold comes with its escapes.
    raw = json.loads(f'"{name}"') if "\\ud800" in name else name
    sent = json.loads(text)
    if raw in extra:
        return extra[raw] == sent
    own = member_in(row, name)
    if own is None:
        return sent is None
    if isinstance(own, str) and isinstance(sent, (dict, list)):
        return json.loads(own) == sent
    if isinstance(sent, list):
        return list(own) == sent
    return is_there(row, {}, name, text)


def is_flattened(row, extra, name, text):
    """Whether each member of a record or of `custom_fields` is in a column, in their text, or in `extra`."""
    sent = json.loads(text)
    left = extra.get(name)
    if not isinstance(sent, dict):
        return left == sent
    kept = member_in(row, "custom_fields") if name == "custom_fields" else None
    texts = json.loads(kept) if kept else {}
    names = (
        row.keys()
        if isinstance(row, dict)
        else [field.name for field, _ in row.ListFields()]
    )
    start = "cf" if name == "custom_fields" else name
    held = [one for one in names if member_in(row, one) is not None]
    for inner, value in sent.items():
        column = f"{start}_{re.sub('[^a-z0-9]+', '_', inner.lower())}"
        if not (
            value is None
            or value == []
            or (isinstance(left, dict) and inner in left)
            or texts.get(inner) == value
            or any(one.startswith(column) for one in held)
        ):
            return False
    return True


def check_columns(row, line):
    own = member_in(row, "extra")
    extra = json.loads(own) if own else {}
    for name, text in line["members"]:
        has = is_flattened if name in line["flattened"] else is_in_columns
        assert has(row, extra, name, text), (name, text, row)


def check(row, line):
    text = line["text"]
    is_generic = line["topic"].endswith(".hologram")
    if layout == "columns" and not is_generic:
        check_columns(row, line)
        return
    if format == "json-schema":
        assert row == json.loads(text), (row, text)
        return
    if is_generic:
        data = row.data if format == "protobuf" else row["data"]
        assert data == text, (data, text)
        return
    extra = row.extra if format == "protobuf" else row["extra"]
    for name, own in line["members"]:
        # fastavro leaves no such name out, Python has it as any other.
        assert is_there(row, extra, name, own), (name, own, row)


deserialize = deserializer()
count = 0
for text in sys.stdin:
    line = json.loads(text)
    context = SerializationContext(line["topic"], MessageField.VALUE)
    check(state_in(deserialize(base64.b64decode(line["value"]), context)), line)
    count += 1
print(count)
