import shutil
from collections import namedtuple

import pytest

from cache import StoreFullError
from cache.room import Room


@pytest.fixture
def disk_with(monkeypatch):
    """Let every disk have so many bytes free."""
    usage = namedtuple("usage", ["total", "used", "free"])  # noqa: PYI024 - as in shutil

    def set_free(free):
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - free, free))

    return set_free


def test_what_just_fits_under_the_limit_fits(tmp_path, disk_with):
    disk_with(10_000)
    room = Room(tmp_path, size_limit_bytes=1000, reserve_bytes=0)
    room.require(400, used_bytes=600)
    with pytest.raises(StoreFullError, match=r"600 of 1,000 bytes are used, and 401 more .* raise"):
        room.require(401, used_bytes=600)


def test_what_just_leaves_the_reserve_fits(tmp_path, disk_with):
    disk_with(10_000)
    room = Room(tmp_path, reserve_bytes=3000)
    room.require(7000, used_bytes=10**9)
    with pytest.raises(
        StoreFullError,
        match=r"10,000 bytes are free .* 7,001 more .* 3,000 kept in reserve; prune the store or",
    ):
        room.require(7001, used_bytes=0)


def test_the_real_disk_is_asked(tmp_path):
    free = shutil.disk_usage(tmp_path).free
    Room(tmp_path, reserve_bytes=0).require(free // 2, used_bytes=0)
    with pytest.raises(StoreFullError, match="bytes are free on its disk"):
        Room(tmp_path, reserve_bytes=0).require(2 * free, used_bytes=0)
