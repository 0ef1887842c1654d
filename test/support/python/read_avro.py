"""Reads Confluent-framed Avro values with fastavro: an Avro implementation other than the connector's.

Input: one JSON object {"schemas": {id: text}, "values": [base64]}. Output: one JSON object per value.
"""

import base64
import datetime
import decimal
import io
import json
import struct
import sys

import fastavro

request = json.load(sys.stdin)
schemas = {
    int(number): fastavro.parse_schema(json.loads(text))
    for number, text in request["schemas"].items()
}


def plain(value):
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    raise TypeError(type(value))


for text in request["values"]:
    value = base64.b64decode(text)
    magic, number = struct.unpack(">bI", value[:5])
    assert magic == 0
    record = fastavro.schemaless_reader(io.BytesIO(value[5:]), schemas[number])
    print(json.dumps(record, default=plain))
