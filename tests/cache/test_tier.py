import logging

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import known_implementations

import cache.tier
from cache import CacheError, Key, SharedTier, ShareReport, Store


class FlakyFileSystem(MemoryFileSystem):
    """A file system in memory that can be switched off."""

    protocol = "flaky"
    store = {}  # noqa: RUF012 - as in its base
    pseudo_dirs = [""]  # noqa: RUF012
    off = False
    asked = 0

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.replace("flaky://", "memory://"))

    def info(self, path, **options):
        type(self).asked += 1
        if self.off:
            raise ConnectionError("no route to host")
        return super().info(path, **options)


@pytest.fixture(autouse=True)
def flaky(monkeypatch):
    """The file system behind flaky://, empty and switched on."""
    fsspec.register_implementation("flaky", FlakyFileSystem, clobber=True)
    monkeypatch.setattr(FlakyFileSystem, "store", {})
    monkeypatch.setattr(FlakyFileSystem, "pseudo_dirs", ["", "/shared"])
    monkeypatch.setattr(FlakyFileSystem, "off", False)
    monkeypatch.setattr(FlakyFileSystem, "asked", 0)
    return FlakyFileSystem


class Clock:
    """Stands still until it is moved."""

    now_s = 1000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def other(tmp_path):
    """The store of another host."""
    with Store(tmp_path / "other") as opened:
        yield opened


def key(n):
    return Key("number", 1, {"n": n})


def fill(store, numbers):
    for n in numbers:
        store.put(key(n), {"x": np.full(10, n)}, labels={"model": "m"})


def test_two_stores_share_a_folder(tmp_path, store, other):
    (tmp_path / "shared").mkdir()
    one, two = (SharedTier(f"file://{tmp_path / 'shared'}") for _ in range(2))
    fill(store, range(5))
    fill(other, range(3, 8))
    assert one.publish_all(store) == ShareReport(present=0, published=5, left=0)
    assert two.publish_all(other) == ShareReport(present=2, published=3, left=0)
    assert two.publish_all(other) == ShareReport(present=5, published=0, left=0)
    for tier, reader in ((one, store), (two, other)):
        lacking = reader.missing(key(n) for n in range(8))
        assert len(lacking) == 3
        assert all(tier.fetch(reader, wanted) for wanted in lacking)
        for n in range(8):
            assert np.all(reader.get(key(n), verify=True).arrays["x"] == n)


def test_missing_keeps_the_order(tmp_path, store):
    tier = SharedTier(str(tmp_path))
    fill(store, (1, 3))
    tier.publish_all(store, [key(1), key(3).digest])
    assert tier.missing(key(n) for n in (4, 3, 2, 1, 0)) == [key(4), key(2), key(0)]


def test_only_what_is_asked_for_is_published(tmp_path, store):
    tier = SharedTier(f"file://{tmp_path}")
    fill(store, range(4))
    report = tier.publish_all(store, [key(1), key(9), key(2).digest])
    assert report == ShareReport(present=0, published=2, left=1)
    assert tier.missing(map(key, range(4))) == [key(0), key(3)]


def test_a_tier_that_is_away_is_told_once_and_left_alone_for_a_while(store, other, caplog, flaky):
    clock = Clock()
    tier = SharedTier("flaky:///shared", pause_s=30.0, clock=clock)
    fill(store, (1, 2))
    assert tier.publish(store, key(1))
    flaky.off = True
    assert not tier.publish(store, key(2))
    (warning,) = caplog.records
    assert warning.levelno == logging.WARNING
    assert warning.message == (
        "the shared tier flaky:///shared cannot be reached, and is left alone for 30 s: "
        "ConnectionError: no route to host"
    )
    flaky.asked = 0
    clock.now_s += 29.9
    assert not tier.fetch(other, key(1))
    assert not tier.publish(store, key(2))
    assert tier.missing([key(1), key(2)]) == [key(1), key(2)]
    assert tier.publish_all(store) == ShareReport(present=0, published=0, left=2)
    assert flaky.asked == 0
    assert len(caplog.records) == 1
    clock.now_s += 0.2
    assert not tier.fetch(other, key(1))
    assert len(caplog.records) == 2
    flaky.off = False
    clock.now_s += 30.0
    assert tier.fetch(other, key(1))
    assert tier.publish_all(store) == ShareReport(present=1, published=1, left=0)
    assert len(caplog.records) == 2


def test_a_folder_that_vanishes_is_away_and_is_not_made_again(tmp_path, store, caplog):
    clock = Clock()
    (tmp_path / "mount").mkdir()
    tier = SharedTier(f"file://{tmp_path / 'mount'}", clock=clock)
    fill(store, (1,))
    (tmp_path / "mount").rename(tmp_path / "elsewhere")
    assert tier.publish_all(store) == ShareReport(present=0, published=0, left=1)
    assert "mount or make it" in caplog.text
    assert not (tmp_path / "mount").exists()
    (tmp_path / "elsewhere").rename(tmp_path / "mount")
    clock.now_s += 60.0
    assert tier.publish_all(store) == ShareReport(present=0, published=1, left=0)


def test_a_folder_that_cannot_be_written_can_be_read(tmp_path, store, other, caplog):
    fill(store, (1, 2))
    clock = Clock()
    tier = SharedTier(f"file://{tmp_path / 'shared'}", clock=clock)
    (tmp_path / "shared").mkdir()
    assert tier.publish(store, key(1))
    for folder in ("objects", "records"):
        for below in (tmp_path / "shared" / folder).iterdir():
            assert below.is_dir()
    # A file where a folder would be made; root may write where others may not.
    digest, sha256 = key(2).digest, store.entry(key(2).digest).sha256
    for blocked in (f"objects/{sha256[:2]}", f"records/{digest[:2]}"):
        (tmp_path / "shared" / blocked).touch()
    assert not tier.publish(store, key(2))
    assert "cannot be reached" in caplog.text
    clock.now_s += 60.0
    assert tier.fetch(other, key(1))


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(
        known_implementations,
        "far",
        {"class": "absent_package.FarFileSystem", "err": "Install absent_package"},
    )
    with pytest.raises(
        CacheError, match=r"far://bucket needs a package: pip install absent_packag"
    ):
        SharedTier("far://bucket")


@pytest.mark.parametrize("url", ["nonsense://bucket", "simplecache::file:///tmp"])
def test_a_url_of_no_file_system_is_refused(url):
    with pytest.raises(CacheError, match=r"expected s3://BUCKET/FOLDER, file:///FOLDER or another"):
        SharedTier(url)


def test_a_password_in_the_url_is_not_told():
    tier = SharedTier("flaky://user:secret@host/folder")
    assert tier.name == "flaky://host/folder"


def test_errors_of_the_store_are_not_hidden(tmp_path, store):
    tier = SharedTier(f"file://{tmp_path}")
    store.put(key(1), {"x": np.zeros(100_000)})
    assert tier.publish(store, key(1))
    with (
        Store(tmp_path / "small", size_limit_bytes=100_000) as small,
        pytest.raises(CacheError, match="more are needed"),
    ):
        tier.fetch(small, key(1))


def test_s3_takes_little_memory_and_does_not_try_for_long(monkeypatch, store):
    """s3fs is not installed here; its documented options are."""
    opened = []

    def url_to_fs(url, **options):
        opened.append((url, options))
        return MemoryFileSystem(global_store=False, skip_instance_cache=True), "/bucket"

    monkeypatch.setattr(cache.tier, "get_filesystem_class", lambda _: MemoryFileSystem)
    monkeypatch.setattr(cache.tier, "url_to_fs", url_to_fs)
    tier = SharedTier("s3://bucket")
    fill(store, (1, 2))
    assert tier.publish_all(store) == ShareReport(present=0, published=2, left=0)
    ((url, options),) = opened
    assert url == "s3://bucket"
    assert options == {
        "use_listings_cache": False,
        "max_concurrency": 1,
        "config_kwargs": {"retries": {"max_attempts": 0}},
    }
