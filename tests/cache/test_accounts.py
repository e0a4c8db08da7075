from cache import Total, Usage, totals

USAGE = [
    Usage("embedding", {"model": "m", "corpus": "c"}, 3, 30),
    Usage("embedding", {"model": "o", "corpus": "c"}, 1, 50),
    Usage("comparison", {"corpus": "d"}, 2, 5),
]


def test_accounts_are_added_up_by_kind_or_label_the_largest_first():
    assert totals(USAGE, "kind") == (Total("embedding", 4, 80), Total("comparison", 2, 5))
    assert totals(USAGE, "corpus") == (Total("c", 4, 80), Total("d", 2, 5))


def test_records_that_do_not_say_are_added_up_too():
    assert totals(USAGE, "model") == (Total("o", 1, 50), Total("m", 3, 30), Total(None, 2, 5))
    assert totals(USAGE, "settings") == (Total(None, 6, 85),)
    assert totals([], "kind") == ()
