from types import SimpleNamespace

import pytest

from dashboard.components import guide


@pytest.mark.parametrize(
    ("cookies", "closed"),
    [({}, False), ({"layerscope_guide": "closed"}, True), ({"layerscope_guide": "x"}, False)],
)
def test_the_browser_says_whether_the_guide_was_closed(monkeypatch, cookies, closed):
    monkeypatch.setattr(guide.st, "context", SimpleNamespace(cookies=cookies))
    assert guide.was_closed() == closed
