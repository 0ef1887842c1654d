"""Appends a topic of flat Avro columns to a table of Parquet files, and prints the contacts as of now."""

import json
import sys
from urllib.request import urlopen

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as f
from pyspark.sql.avro.functions import from_avro

brokers, registry, topic, folder = sys.argv[1:]
spark = SparkSession.builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()


def schema_at(path):
    with urlopen(f"{registry}{path}") as answer:
        return json.load(answer)["schema"]


def append(batch, number):
    """Reads each value by the schema whose id it begins with; a delete is a row that is null."""
    newest = schema_at(f"/subjects/{topic}-value/versions/latest")
    for (written_with,) in batch.select("schema_id").distinct().collect():
        schema = newest if written_with is None else schema_at(f"/schemas/ids/{written_with}")
        row = from_avro(f.expr("substring(value, 6)"), schema, {"avroSchema": newest})
        of_schema = batch.where(f.col("schema_id").eqNullSafe(written_with))
        rows = of_schema.select(f.col("key").cast("string"), "offset", row.alias("row"))
        rows.write.mode("append").parquet(f"{folder}/rows")


records = (
    spark.readStream.format("kafka")
    .option("kafka.bootstrap.servers", brokers)
    .option("kafka.isolation.level", "read_committed")
    .option("subscribe", topic)
    .option("startingOffsets", "earliest")
    .load()
    .withColumn("schema_id", f.expr("int(conv(hex(substring(value, 2, 4)), 16, 10))"))
)
(
    records.writeStream.foreachBatch(append)
    .option("checkpointLocation", f"{folder}/checkpoint")
    .trigger(availableNow=True)
    .start()
    .awaitTermination()
)

# A record has its key in one partition, so the greatest offset is its newest state.
newest_first = Window.partitionBy("key").orderBy(f.desc("offset"))
contacts = (
    spark.read.option("mergeSchema", True)
    .parquet(f"{folder}/rows")
    .withColumn("place", f.row_number().over(newest_first))
    .where("place = 1 AND row IS NOT NULL")
    .select("key", "row.name", "row.cf_region", "row.updated_at")
)
for contact in contacts.orderBy("key").collect():
    print(*contact, sep=" = ")
