"""Compares Iceberg tables with Sell's records, cell by cell; prints what differs, a line each.

Standard input: {"warehouse", "namespace", "types": {type: {"columns", "records": {key: JSON}}}}
"""

import json
import re
import sys
from collections import Counter
from datetime import date, datetime, timezone
from decimal import Decimal

from current import changes_in, newest


def exact(text):
    return json.loads(text, parse_float=Decimal)


def at(record, path):
    value = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def name_of(value):
    return value["name"] if isinstance(value, dict) else value


def day_of(text):
    if "/" not in text:
        return date.fromisoformat(text)
    month, day, year = map(int, text.split("/"))
    return date(year, month, day)


def local_time_of(text):
    day, clock = re.split("[ T]", text.rstrip("Z"))
    hour, minute, *second = map(int, clock.split(":"))
    at_day = day_of(day)
    return datetime(
        at_day.year, at_day.month, at_day.day, hour, minute, *second, tzinfo=timezone.utc
    )


# What a column of a type holds for a value of Sell's.
CELLS = {
    "long": int,
    "string": name_of,
    "boolean": bool,
    "decimal": lambda value: Decimal(str(value)).quantize(Decimal("1e-9")),
    "timestamp": datetime.fromisoformat,
    "local-timestamp": local_time_of,
    "date": day_of,
    "longs": lambda values: [int(value) for value in values],
    "strings": lambda values: [name_of(value) for value in values],
    "json": lambda value: value,
}


def expected(column, record):
    place = column["place"]
    path = place.get("path")
    if path is None:
        path = ["custom_fields", place["field"]["name"]]
        path += [] if place["part"] is None else [place["part"]]
    value = at(record, path)
    return None if value is None else CELLS[column["type"]](value)


def is_within(part, whole):
    """Whether each member of an object is in another one, as PostgreSQL's `@>` says it."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and is_within(part[name], whole[name]) for name in part)
    return part == whole


def cell_problem(column, cell, record):
    kind = column["place"]["kind"]
    if kind == "extra":
        fits = cell is None or is_within(exact(cell), record)
        return None if fits else f"{cell} is no part of the record"
    if kind == "other-custom-fields":
        return None if cell in (None, "{}") else f"{cell} in place of columns"
    found = exact(cell) if column["type"] == "json" and cell is not None else cell
    wanted = expected(column, record)
    return None if found == wanted else f"{found!r} in place of {wanted!r}"


def rows_of(changes):
    rows = newest(changes).to_arrow_table().to_pylist()
    return {row["sell_key"]: row for row in rows}


def row_problems(columns, row, record):
    known = {column["place"]["path"][0] for column in columns if "path" in column["place"]}
    extra = exact(row.get("extra") or "{}")
    for name, value in record.items():
        if value is not None and name not in known | extra.keys() | {"custom_fields"}:
            yield f"{name} is nowhere"
    for column in columns:
        problem = cell_problem(column, row.get(column["name"]), record)
        if problem is not None:
            yield f"{column['name']}: {problem}"


def problems(warehouse, table, columns, records):
    changes = changes_in(warehouse, table)
    rows = rows_of(changes)
    for key in sorted(rows.keys() ^ records.keys()):
        yield f"{key} is only in {'the table' if key in rows else 'Sell'}"
    for key in sorted(rows.keys() & records.keys()):
        row, record = rows[key], exact(records[key])
        for problem in row_problems(columns, row, record):
            yield f"{key}: {problem}"
    acks = Counter(source["ack_key"] for source in changes["source"].to_pylist())
    for ack_key, count in acks.items():
        if count > 1:
            yield f"{ack_key} is there {count} times"


def main():
    task = json.load(sys.stdin)
    for name, of_type in task["types"].items():
        table = f"{task['namespace']}.{name}"
        try:
            for problem in problems(task["warehouse"], table, **of_type):
                print(f"{name}: {problem}")
        except FileNotFoundError as error:
            print(f"{name}: {error}")


main()
