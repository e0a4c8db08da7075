import os
from pathlib import PurePosixPath

import pytest

from pipeline.corpus.tree import FileTree
from pipeline.errors import CorpusError


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    return folder


def write(path, content="x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def paths(root):
    return [str(file.path) for file in FileTree.scan(root).files]


def test_every_file_is_listed_once_in_the_order_of_the_paths(root):
    names = ["b.wav", "a/z.txt", "a/b/c.WAV", "a.wav", "with space/ü.flac"]
    for name in names:
        write(root / name)
    (root / "empty").mkdir()
    assert paths(root) == sorted(names, key=lambda name: name.split("/"))
    tree = FileTree.scan(root)
    assert tree.paths == set(map(PurePosixPath, names))
    assert set(map(str, tree.with_suffix({".wav"}))) == {"b.wav", "a/b/c.WAV", "a.wav"}
    assert tree.problems == ()


def test_what_is_no_file_is_not_listed(root):
    os.mkfifo(root / "pipe.wav")
    assert paths(root) == []


def test_a_folder_that_is_none_is_refused(root):
    with pytest.raises(CorpusError, match=r"nowhere: cannot be listed \(No such file"):
        FileTree.scan(root / "nowhere")
    with pytest.raises(CorpusError, match=r"a\.wav: cannot be listed \(Not a directory"):
        FileTree.scan(write(root / "a.wav"))


def test_a_folder_that_cannot_be_listed_is_a_problem_and_the_rest_is_listed(root, monkeypatch):
    write(root / "closed" / "a.wav")
    write(root / "open" / "b.wav")

    def scandir(path):
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return listing_of(path)

    listing_of = os.scandir
    monkeypatch.setattr(os, "scandir", scandir)
    tree = FileTree.scan(root)
    assert [str(file.path) for file in tree.files] == ["open/b.wav"]
    (problem,) = tree.problems
    assert problem.file == root / "closed"
    assert problem.reason == "cannot be listed (Permission denied)"


def test_a_link_to_a_folder_is_not_followed(root):
    write(root / "a" / "b.wav")
    (root / "a" / "up").symlink_to(root)
    (root / "again").symlink_to("a")
    tree = FileTree.scan(root)
    assert [str(file.path) for file in tree.files] == ["a/b.wav"]
    assert {problem.file for problem in tree.problems} == {root / "a" / "up", root / "again"}
    assert all("put the folder itself here" in problem.reason for problem in tree.problems)


@pytest.mark.parametrize("target", ["loop.wav", "nowhere.wav"])
def test_a_link_to_itself_or_to_nowhere_is_listed_for_its_reader_to_refuse(root, target):
    write(root / "a.wav")
    (root / "loop.wav").symlink_to(target)
    assert paths(root) == ["a.wav", "loop.wav"]
    assert FileTree.scan(root).locate(PurePosixPath("loop.wav")) == root / "loop.wav"


def test_a_link_out_of_the_folder_is_not_located(root):
    (root / "a.wav").symlink_to(write(root.parent / "outside.wav"))
    write(root / "b.wav")
    tree = FileTree.scan(root)
    assert tree.locate(PurePosixPath("b.wav")) == root / "b.wav"
    with pytest.raises(CorpusError, match=r"a\.wav is a link that leads out of"):
        tree.locate(PurePosixPath("a.wav"))


def test_the_root_may_itself_be_a_link(root, tmp_path):
    write(root / "a.wav")
    (tmp_path / "link").symlink_to(root)
    tree = FileTree.scan(tmp_path / "link")
    assert tree.root == root
    assert tree.locate(PurePosixPath("a.wav")) == root / "a.wav"


def change_nothing(_root):
    pass


def grow(root):
    write(root / "a.wav", "longer")


def touch(root):
    status = (root / "a.wav").stat()
    os.utime(root / "a.wav", ns=(status.st_atime_ns, status.st_mtime_ns + 1))


def add(root):
    write(root / "c" / "a.wav")


def remove(root):
    (root / "b" / "a.wav").unlink()


def rename(root):
    (root / "a.wav").rename(root / "A.wav")


def link_a_folder(root):
    (root / "d").symlink_to("b")


def change_the_target_of_a_link(root):
    write(root.parent / "target", "longer")


@pytest.mark.parametrize(
    "change",
    [change_nothing, grow, touch, add, remove, rename, link_a_folder, change_the_target_of_a_link],
    ids=lambda change: change.__name__,
)
def test_the_signature_changes_with_any_file_and_only_then(root, change):
    write(root / "a.wav")
    write(root / "b" / "a.wav")
    (root / "link").symlink_to(write(root.parent / "target"))
    before = FileTree.scan(root).signature
    change(root)
    assert (FileTree.scan(root).signature == before) == (change is change_nothing)


def test_trees_of_the_same_files_elsewhere_differ(root, tmp_path):
    (tmp_path / "other").mkdir()
    assert FileTree.scan(root).signature != FileTree.scan(tmp_path / "other").signature


def test_a_name_in_no_known_encoding_is_a_problem_and_the_rest_is_listed(root):
    write(root / "a.wav")
    write(root / os.fsdecode(b"caf\xe9.wav"))
    tree = FileTree.scan(root)
    assert [str(file.path) for file in tree.files] == ["a.wav"]
    (problem,) = tree.problems
    assert problem.file == root
    assert problem.reason == r"the name 'caf\udce9.wav' here is not UTF-8; rename it"
    assert tree.signature


@pytest.mark.parametrize("name", ["cafe\u0301.wav", "e\u0301te\u0301/a.wav"])
def test_accents_that_a_mac_has_taken_apart_are_the_same_names(root, name):
    write(root / name)
    whole = PurePosixPath(name.replace("e\u0301", "é"))
    tree = FileTree.scan(root)
    assert tree.paths == {whole}
    assert tree.locate(whole).read_text() == "x"


def test_two_names_that_differ_only_in_how_accents_are_written_stay_two(root):
    write(root / "cafe\u0301.wav", "apart")
    write(root / "café.wav", "whole")
    tree = FileTree.scan(root)
    assert sorted(tree.locate(path).read_text() for path in tree.paths) == ["apart", "whole"]
