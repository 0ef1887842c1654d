"""A table of contacts, kept by Spark from flat Avro rows in columns, printed once the topic's end is reached."""

import json
import sys
from urllib.request import urlopen

from pyspark.sql import SparkSession, Window, functions as f
from pyspark.sql.avro.functions import from_avro

brokers, registry, topic, folder = sys.argv[1:]
spark = SparkSession.builder.master("local[1]").getOrCreate()

# Each value is read with the schema that it was written with, into the columns of the newest one.
with urlopen(f"{registry}/subjects/{topic}-value/versions/latest") as answer:
    newest = json.load(answer)
records = (
    spark.readStream.format("kafka")
    .option("kafka.bootstrap.servers", brokers)
    .option("kafka.isolation.level", "read_committed")
    .option("subscribe", topic)
    .option("startingOffsets", "earliest")
    .load()
)


def schemas():
    """The texts of all schemas of the topic, by id."""
    with urlopen(f"{registry}/subjects/{topic}-value/versions") as answer:
        versions = json.load(answer)
    for version in versions:
        with urlopen(f"{registry}/subjects/{topic}-value/versions/{version}") as one:
            schema = json.load(one)
        yield schema["id"], schema["schema"]


def keep(batch, number):
    """Writes the newest state of each record of a batch over the table."""
    newest_first = Window.partitionBy("key").orderBy(f.desc("offset"))
