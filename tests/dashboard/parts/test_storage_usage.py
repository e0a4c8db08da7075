import pytest

from cache import Usage
from dashboard.parts.storage_usage import GROUPS, rows

USAGE = [
    Usage("comparison", {"corpus": "c"}, 1, 2**10),
    Usage("embedding", {"corpus": "c", "model": "m", "settings": "s"}, 3, 2**20),
]


def test_all_of_it_is_a_row_each_the_largest_first():
    assert rows(USAGE, "All") == [
        {"kind": "embedding", "corpus": "c", "model": "m", "settings": "s", "records": 3, "mib": 1},
        {
            "kind": "comparison",
            "corpus": "c",
            "model": "",
            "settings": "",
            "records": 1,
            "mib": 2**-10,
        },
    ]


@pytest.mark.parametrize("by", GROUPS)
def test_every_grouping_adds_up_to_all(by):
    found = rows(USAGE, by)
    assert sum(row["records"] for row in found) == 4
    assert sum(row["mib"] for row in found) == 1 + 2**-10
    assert rows([], by) == []
