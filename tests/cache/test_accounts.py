import numpy as np

from cache import Key, PruneReport, Usage, VerifyReport


def test_reports_are_equal_if_they_say_the_same():
    assert VerifyReport(2, ("a",)) == VerifyReport(2, ("a",)) != VerifyReport(2, ("b",))
    assert PruneReport(1, 10) == PruneReport(1, 10) != PruneReport(1, 11)


def test_entries_and_usages_can_be_put_in_a_set_although_labels_cannot(store):
    store.put(Key("a", 1, {}), {"x": np.zeros(1)}, labels={"model": "m"})
    entries, usage = set(store.find()), set(store.usage())
    assert {entry.kind for entry in entries} == {"a"}
    assert all(isinstance(group, Usage) and group.labels == {"model": "m"} for group in usage)
