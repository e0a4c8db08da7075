import shutil
from types import SimpleNamespace

import pytest

from pipeline.corpus.fetching.disk_space import require_space
from pipeline.errors import CorpusError


def test_there_must_be_room_for_all_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2_000_000_000))
    require_space(tmp_path, 2_000_000_000, "fetching")
    with pytest.raises(CorpusError) as caught:
        require_space(tmp_path, 2_345_000_000, "fetching")
    assert str(caught.value) == (
        f"{tmp_path}: fetching needs 2.345 GB, 2.000 GB are free; make room, or choose another "
        "folder with --out"
    )
