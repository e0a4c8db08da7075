import os
from pathlib import Path

import pytest

import pipeline
from cache import Store
from pipeline import configuration
from pipeline.corpus import opening
from pipeline.corpus.registry import add_corpus, registered
from pipeline.errors import CorpusError, ModelError
from pipeline.library import (
    listed_models,
    open_corpus,
    refuse_outside,
    register_aligned,
    register_corpus,
    register_model,
)
from pipeline.models.catalogue import known_models
from pipeline.models.registry import added_models

pytestmark = pytest.mark.usefixtures("home")


def assemble_nothing(*_):
    raise AssertionError("read again")


@pytest.fixture
def root(tmp_path, shared):
    """A folder of one recording with its alignment."""
    folder = tmp_path / "speech"
    folder.mkdir()
    for suffix in (".flac", ".lab", ".TextGrid"):
        content = (shared / "speech" / "MFA-tests" / f"cold_corpus3{suffix}").read_bytes()
        (folder / f"a{suffix}").write_bytes(content)
    return folder


def test_the_public_name_is_this_function():
    assert pipeline.open_corpus is open_corpus


@pytest.mark.parametrize("as_given", [str, Path])
def test_a_corpus_is_opened_by_path_and_by_registered_name(root, as_given):
    by_path = pipeline.open_corpus(as_given(root))
    add_corpus("mine", root, None, configuration.home())
    by_name = pipeline.open_corpus("mine")
    assert (by_path.name, by_name.name) == ("speech", "mine")
    assert list(by_path.by_id) == list(by_name.by_id) == ["a"]
    assert by_path.fingerprint == by_name.fingerprint


def test_what_was_read_once_is_remembered_in_the_users_store(root, monkeypatch):
    first = open_corpus(root)
    monkeypatch.setattr(opening, "assemble", assemble_nothing)
    again = open_corpus(root)
    assert again.fingerprint == first.fingerprint
    # The store is closed by now; the times are still there.
    assert list(again.utterances[0].word_intervals) == list(first.utterances[0].word_intervals)


def test_a_store_that_is_given_is_used_and_stays_open(root, tmp_path, monkeypatch):
    with Store(tmp_path / "other") as other:
        open_corpus(root, store=other)
        monkeypatch.setattr(opening, "assemble", assemble_nothing)
        open_corpus(root, store=other)
        with pytest.raises(AssertionError, match="read again"):
            open_corpus(root)


@pytest.fixture
def roots(tmp_path, monkeypatch):
    """Two folders that corpora may lie in."""
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    monkeypatch.setenv("LAYERSCOPE_ROOTS", os.pathsep.join(map(str, folders)))
    return folders


def test_without_roots_corpora_may_lie_anywhere(monkeypatch):
    for value in ("", os.pathsep):
        monkeypatch.setenv("LAYERSCOPE_ROOTS", value)
        refuse_outside(Path("/"))


@pytest.mark.parametrize("below", ["", "a", "a/b/../c"])
def test_what_lies_in_a_root_passes(roots, below):
    for root in roots:
        refuse_outside(root / below)


@pytest.mark.parametrize("outside", ["", "onetwo", "one/../three", "link", "loop", "one/link/x"])
def test_what_lies_outside_is_refused_with_the_roots(roots, tmp_path, outside):
    (tmp_path / "link").symlink_to("/etc")
    (tmp_path / "loop").symlink_to("loop")
    (roots[0] / "link").symlink_to("/etc")
    with pytest.raises(CorpusError, match=r"lies outside of the folders .*/one, .*/two\); move it"):
        refuse_outside(tmp_path / outside)


def test_neither_corpus_nor_alignments_may_lie_outside(root, roots):
    inside = root.rename(roots[0] / "speech")
    assert list(open_corpus(inside).by_id) == ["a"]
    assert list(open_corpus(inside, "").by_id) == ["a"]
    with pytest.raises(CorpusError, match="lies outside of the folders"):
        open_corpus(inside, root.parent)
    with pytest.raises(CorpusError, match="lies outside of the folders"):
        open_corpus(root.parent)


def test_names_are_no_paths(root, roots):
    add_corpus("mine", root, None, configuration.home())
    assert not root.is_relative_to(roots[0])
    # Who registers a corpus runs the server, and has said that it may be seen.
    assert list(open_corpus("mine").by_id) == ["a"]
    assert open_corpus("demo").name == "demo"


def test_an_unknown_name_is_refused_with_the_known_ones(root):
    add_corpus("mine", root, None, configuration.home())
    with pytest.raises(CorpusError, match=r"nowhere is neither .*registered corpus \(demo, mine\)"):
        open_corpus("nowhere")


def test_a_name_that_no_file_can_have_is_refused():
    with pytest.raises(CorpusError, match=r"xxx: cannot be opened \(File name too long\)"):
        open_corpus("x" * 300)


def test_a_corpus_is_registered_once_it_could_be_opened(root):
    corpus = register_corpus("mine", root, None)
    assert list(corpus.by_id) == ["a"]
    assert [each.name for each in registered(configuration.home())] == ["demo", "mine"]
    with pytest.raises(CorpusError, match="there is a corpus named mine already"):
        register_corpus("mine", root, None)


def test_a_name_is_refused_before_anything_is_read(root, monkeypatch):
    monkeypatch.setattr(opening, "assemble", assemble_nothing)
    for name in ("demo", "My corpus", ""):
        with pytest.raises(CorpusError, match=r"already|cannot name a corpus"):
            register_corpus(name, root, None)


def test_what_lies_outside_or_is_none_is_not_registered(root, roots):
    for path, alignments in [(root, None), (roots[0], None), (roots[0], root), (Path("\0"), None)]:
        with pytest.raises(CorpusError):
            register_corpus("mine", path, alignments)
    assert [each.name for each in registered(configuration.home())] == ["demo"]


def test_a_corpus_is_registered_once_more_with_what_was_aligned_here(root, roots):
    add_corpus("mine", root, None, configuration.home())
    folder = configuration.home() / "alignments" / "mine-new"
    folder.mkdir(parents=True)
    (root / "a.TextGrid").rename(folder / "a.TextGrid")
    assert not root.is_relative_to(roots[0])
    assert [u.id for u in open_corpus("mine").unaligned] == ["a"]
    register_aligned("mine-new", "mine", folder)
    assert list(open_corpus("mine-new").by_id) == ["a"]
    with pytest.raises(CorpusError, match="named mine-new already"):
        register_aligned("mine-new", "mine", folder)
    with pytest.raises(CorpusError, match="lies outside of the folders"):
        register_aligned("other", "mine", root)
    with pytest.raises(CorpusError, match="demo has its own alignments"):
        register_aligned("other", "demo", folder)


@pytest.fixture
def vectors(tmp_path):
    """A file of word vectors."""
    file = tmp_path / "vectors" / "two.txt"
    file.parent.mkdir()
    file.write_text("so 1 2\nit 3 4\n")
    return file


def test_a_model_is_added_under_its_whole_path_and_listed_last(vectors, monkeypatch):
    monkeypatch.chdir(vectors.parent)
    spec = register_model("glove:two.txt")
    assert spec.name == f"glove:{vectors}"
    assert added_models(configuration.home()) == (spec.name,)
    listed = listed_models()
    assert listed.specs == (*known_models(), spec)
    assert listed.unusable == {}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("python:os:getcwd", "who runs LayerScope can name it in LAYERSCOPE_MODELS"),
        ("minilm", "minilm is listed already"),
        ("beats:BEATs_iter1", "beats:BEATs_iter1 is not on this machine; fetch it first"),
        ("hf:org/name", "hf:org/name is not on this machine"),
        ("glove:/nowhere", "expected a text file of word vectors"),
        ("glove:~nobody-of-this-name/x", "write all of it"),
        ("glove:a\0b", "write all of it"),
        ("zzz", "unknown model 'zzz'"),
        ("", "unknown model ''"),
    ],
)
def test_what_cannot_be_added_says_why_and_adds_nothing(name, reason, monkeypatch, tmp_path):
    monkeypatch.setenv("LAYERSCOPE_ALLOW_PYTHON_MODELS", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match=reason):
        register_model(name)
    assert added_models(configuration.home()) == ()


def test_an_added_model_that_is_gone_is_listed_with_its_reason(vectors, monkeypatch):
    name = register_model(f"glove:{vectors}").name
    vectors.unlink()
    monkeypatch.setenv("LAYERSCOPE_MODELS", "zzz,control:lookup?seed=2")
    listed = listed_models()
    assert list(listed.unusable) == [name, "zzz"]
    assert listed.unusable[name].startswith(f"models.json: {name}: expected a text file")
    assert listed.unusable["zzz"].startswith("LAYERSCOPE_MODELS: unknown model")
    assert listed.specs[-1].name == "control:lookup?seed=2"


@pytest.mark.parametrize("prefix", ["glove:", "untrained:hf:", "s3prl:hubert_local:"])
def test_models_outside_of_the_roots_are_refused_unread(vectors, roots, monkeypatch, prefix):
    def find_nothing(_):
        raise AssertionError("read")

    monkeypatch.setattr("pipeline.library.find_model", find_nothing)
    monkeypatch.chdir(roots[0])
    for place in (
        vectors,
        vectors.parent,
        "/nowhere",
        "../vectors/two.txt",
        f"{vectors}?case=keep",
    ):
        with pytest.raises(ModelError, match="lies outside of the folders"):
            register_model(f"{prefix}{place}")


def test_a_model_inside_whose_files_link_outside_is_refused(vectors, roots):
    (roots[0] / "model").mkdir()
    (roots[0] / "model" / "config.json").symlink_to(vectors)
    with pytest.raises(ModelError, match=r"config.json lies outside"):
        register_model(f"hf:{roots[0] / 'model'}")
    inside = vectors.rename(roots[1] / "two.txt")
    assert register_model(f"glove:{inside}").source == str(inside)
