"""Reads values with confluent-kafka's ProtobufDeserializer, by messages that protoc makes of their schemas.

Input: one JSON object {"schemas": {id: text}, "values": [base64]}. Output: one JSON value per line, in
Protobuf's mapping to JSON.
"""

import base64
import json
import struct
import sys
import tempfile
from pathlib import Path

import grpc_tools
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, json_format
from google.protobuf.message_factory import GetMessageClass
from grpc_tools import protoc

GOOGLES = Path(grpc_tools.__file__).parent / "_proto"
context = SerializationContext("values", MessageField.VALUE)


def message_class(text):
    """The class of the first message of a .proto text."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "schema.proto").write_text(text, encoding="utf8")
        arguments = [
            "protoc",
            f"--proto_path={folder}",
            f"--proto_path={GOOGLES}",
            "--include_imports",
            f"--descriptor_set_out={folder}/schema.pb",
            "schema.proto",
        ]
        if protoc.main(arguments) != 0:
            raise ValueError(f"protoc refuses {text}")
        files = descriptor_pb2.FileDescriptorSet.FromString(
            Path(folder, "schema.pb").read_bytes()
        )
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    own = pool.FindFileByName("schema.proto")
    first = next(iter(files.file[-1].message_type)).name
    return GetMessageClass(own.message_types_by_name[first])


def steady(value):
    """The same with the maps of texts sorted: their order differs from run to run."""
    if isinstance(value, list):
        return [steady(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: dict(sorted(own.items()))
        if name in ("custom_fields", "extra")
        else steady(own)
        for name, own in value.items()
    }


def deserializer(text):
    conf = {"subject.name.strategy.type": "TOPIC"}
    return ProtobufDeserializer(message_class(text), conf)


if __name__ == "__main__":
    request = json.load(sys.stdin)
    deserializers = {
        int(number): deserializer(text) for number, text in request["schemas"].items()
    }
    for text in request["values"]:
        value = base64.b64decode(text)
        magic, number = struct.unpack(">bI", value[:5])
        assert magic == 0
        message = deserializers[number](value, context)
        shown = json_format.MessageToDict(message, preserving_proto_field_name=True)
        print(json.dumps(steady(shown)))
