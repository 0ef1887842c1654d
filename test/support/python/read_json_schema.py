"""Reads values with confluent-kafka's JSONDeserializer, which validates each with its registered schema.

Arguments: the registry's address. Input: a JSON list of values in base64. Output: one JSON value per line.
"""

import base64
import json
import sys

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.json_schema import JSONDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

registry = SchemaRegistryClient({"url": sys.argv[1]})
deserialize = JSONDeserializer(
    None,
    schema_registry_client=registry,
    conf={"subject.name.strategy.type": "TOPIC", "validate": True},
)
context = SerializationContext("values", MessageField.VALUE)

for text in json.load(sys.stdin):
    print(json.dumps(deserialize(base64.b64decode(text), context)))
