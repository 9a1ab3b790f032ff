"""The agents' table asked of an export of closures by DuckDB: of the file itself, and of a table read from it.

Arguments: the JSON Lines file, how often to ask. Prints one JSON object: milliseconds of each turn, and how many closures
the answers counted."""

import json
import sys
import time

import duckdb

COLUMNS = {
    "credited_agent": "varchar",
    "reason": "varchar",
    "opened_at": "timestamp",
    "closed_at": "timestamp",
    "last_activity_at": "timestamp",
}
QUESTION = """
select credited_agent, count(*), count(*) filter (reason = 'inactivity'), avg(epoch_ms(closed_at) - epoch_ms(opened_at)),
  avg(case when reason = 'inactivity' then epoch_ms(last_activity_at) else epoch_ms(closed_at) end - epoch_ms(opened_at))
from {source} group by credited_agent
"""


def ask(connection, source, turns):
    took, counted = [], set()
    for _ in range(turns):
        start = time.perf_counter()
        rows = connection.execute(QUESTION.format(source=source)).fetchall()
        took.append((time.perf_counter() - start) * 1e3)
        counted.add(sum(row[1] for row in rows))
    return took, counted


def main(path, turns):
    connection = duckdb.connect()
    source = f"read_json('{path}', format = 'newline_delimited', columns = {COLUMNS})"
    file, counted = ask(connection, source, turns)
    connection.execute(f"create table closures as select * from {source}")
    table, again = ask(connection, "closures", turns)
    [closures] = counted | again
    print(json.dumps({"file": file, "table": table, "closures": closures}))


main(sys.argv[1], int(sys.argv[2]))
