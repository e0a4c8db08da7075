from pipeline.corpus.fetching.partial_file import PartialFile


def test_a_validator_belongs_to_the_address_that_it_came_from(tmp_path):
    part = PartialFile(tmp_path / "a.part")
    assert (part.size_bytes, part.validator("https://a")) == (0, "")
    part.path.write_bytes(b"old")
    part.begin("https://a", '"1"')
    assert part.size_bytes == 0
    assert part.validator("https://a") == '"1"'
    assert part.validator("https://a/b") == ""
    part.begin("https://b", "")
    assert part.validator("https://a") == part.validator("https://b") == ""


def test_a_note_that_was_cut_short_is_no_validator(tmp_path):
    part = PartialFile(tmp_path / "a.part")
    part.begin("https://a", '"1"')
    (tmp_path / "a.part.origin").write_bytes(b"https\xff")
    assert part.validator("https://a") == ""


def test_a_finished_or_discarded_file_leaves_nothing_behind(tmp_path):
    part = PartialFile(tmp_path / "a.part")
    part.begin("https://a", "")
    part.path.write_bytes(b"all")
    part.finish(tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    part.begin("https://a", "")
    part.discard()
    part.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"all"
