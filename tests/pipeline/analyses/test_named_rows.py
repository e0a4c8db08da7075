import csv

from pipeline.analyses.named_rows import NamedRows, columns_of, each_row
from pipeline.matrices import build_matrices


def test_each_row_is_named_as_in_the_exported_table(lookups, store, tmp_path):
    rows = build_matrices(lookups.plan(store), store)[0].rows
    rows.write_csv(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    found = list(each_row(NamedRows(**columns_of(rows))))
    assert [{key: str(value) for key, value in row.items()} for row in found] == table
    assert len(found) == len(rows)
