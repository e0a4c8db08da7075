import pytest

from pipeline.errors import BundleError
from pipeline.publishing.folder import refuse_taken, replaced


def test_a_folder_is_there_once_the_block_ends_and_only_then(tmp_path):
    place = tmp_path / "new" / "bundle"
    with replaced(place) as draft:
        (draft / "one").write_text("1")
        assert not place.exists()
    assert (place / "one").read_text() == "1"
    assert [path.name for path in place.parent.iterdir()] == ["bundle"]


def test_a_block_that_fails_leaves_the_older_one_and_nothing_else(tmp_path):
    place = tmp_path / "bundle"
    place.mkdir()
    (place / "older").write_text("0")
    with pytest.raises(ZeroDivisionError), replaced(place) as draft:
        (draft / "one").write_text(str(1 / 0))
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
    assert [path.name for path in place.iterdir()] == ["older"]


def test_a_place_that_cannot_be_had_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match="cannot be written"), replaced(tmp_path / "file" / "b"):
        pass


def test_a_link_is_not_written_through(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(BundleError):
        refuse_taken(tmp_path / "link", tmp_path / "home")
