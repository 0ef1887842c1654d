"""What Sell holds, of a table that the Iceberg sink keeps. Arguments: the warehouse, the table: /data sell.contact"""

import sys

import duckdb
from pyiceberg.table import StaticTable

NEWEST = """
SELECT sell_key, unnest(after)
FROM (
  SELECT coalesce(source.id, regexp_replace(source.ack_key, '-[0-9]+$', '')) AS sell_key,
    op, after, row_number() OVER (
      PARTITION BY sell_key ORDER BY source.revision DESC NULLS LAST, kafka_offset DESC
    ) AS age
  FROM changes
)
WHERE age = 1 AND op <> 'd'
"""


def changes_in(warehouse, table):
    """All changes that the table holds, as an Arrow table."""
    folder = "/".join([warehouse, *table.split(".")])
    return StaticTable.from_metadata(folder).scan().to_arrow()


def newest(changes):
    """The newest state of each record, without those that Sell deleted, as a DuckDB relation."""
    return duckdb.sql(NEWEST)  # it finds `changes` by its name


if __name__ == "__main__":
    newest(changes_in(*sys.argv[1:])).show()
