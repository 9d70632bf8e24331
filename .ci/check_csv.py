"""The CSV example: what the lake has of the tables, and of their aggregates, is what DuckDB says over the files themselves."""
import sys

import duckdb
import duckdb_extensions

duckdb_extensions.import_extension("delta")
lake, files = sys.argv[1:]
for name in ("klienci", "pracownicy", "projekty", "kategorie"):
    path = f"{files}/{'later/' if name == 'kategorie' else ''}{name}.csv"
    duckdb.sql(f"create view {name} as from read_csv('{path}', nullstr = '')")
    columns = ", ".join(f'"{c}"::varchar' for c in duckdb.sql(f"from {name}").columns if c not in ("pensja", "budzet"))
    rows = []
    for source in (name, f"delta_scan('{lake}/current/public.{name}')"):
        rows.append(duckdb.sql(f"select {columns} from {source} order by all").fetchall())
    assert rows[0] == rows[1] and rows[0], (name, rows)
    print(f"{name}: {len(rows[0])} rows as in the file")
for aggregate, columns, statement in (
        ("klienci-by-country", "kraj, count", "select kraj, count(*) from klienci group by 1"),
        ("avg-age-by-position", "stanowisko, count, round(avg_wiek, 4), round(avg_pensja, 4)",
         "select stanowisko, count(*), round(avg(wiek), 4), round(avg(pensja), 4) from pracownicy group by 1"),
        ("revenue-per-customer", "nazwa, count, sum_budzet",
         "select k.nazwa, count(*), sum(budzet) from projekty p join klienci k on p.klient_id = k.id group by 1")):
    found = duckdb.sql(f"select {columns} from delta_scan('{lake}/{aggregate}') order by all").fetchall()
    truth = duckdb.sql(statement + " order by all").fetchall()
    as_floats = [[tuple(float(v) if not isinstance(v, str) else v for v in row) for row in rows] for rows in (found, truth)]
    assert as_floats[0] == as_floats[1] and found, (aggregate, found, truth)
    print(f"{aggregate}: {len(found)} groups as SQL over the files says")
