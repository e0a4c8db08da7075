import pytest

from pipeline.configuration import home as home_folder
from pipeline.errors import AlignerError
from pipeline.forced_alignment.request import AlignmentRequest
from pipeline.forced_alignment.result_folder import Summary, write_summary

pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize(
    ("aligner", "name"),
    [
        ("pocketsphinx", "talks-pocketsphinx"),
        ("ctc:/models/Wav2Vec2 (de)", "talks-wav2vec2-de"),
        ("ctc:/models/../etc", "talks-etc"),
        ("ctc:/../..", "talks-.."),
        ("ctc:/modèle/ü", "talks-"),
    ],
)
def test_the_result_lies_below_home_whatever_the_model_is_called(aligner, name):
    request = AlignmentRequest("talks", aligner)
    assert request.out == name
    assert request.folder.parent == home_folder() / "alignments"


def test_the_task_is_the_one_of_the_engine():
    assert AlignmentRequest("talks", "pocketsphinx").as_dict() == {
        "corpus": "talks",
        "alignments": None,
        "aligner": "pocketsphinx",
        "out": "talks-pocketsphinx",
    }


@pytest.mark.parametrize("aligner", ["", "mfa", "pocketsphinx:/a", "ctc", "ctc:", "CTC:/a"])
def test_an_aligner_that_there_is_not_is_refused_with_those_there_are(aligner):
    with pytest.raises(AlignerError, match="choose one of pocketsphinx, ctc:FOLDER"):
        AlignmentRequest("talks", aligner).check()


def test_a_model_is_a_folder_inside_of_the_roots(tmp_path, monkeypatch):
    AlignmentRequest("talks", "pocketsphinx").check()
    AlignmentRequest("talks", f"ctc:{tmp_path}").check()
    with pytest.raises(AlignerError, match="nowhere: expected the whole path of a CTC model"):
        AlignmentRequest("talks", f"ctc:{tmp_path}/nowhere").check()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AlignerError, match=r"\.: expected the whole path"):
        AlignmentRequest("talks", "ctc:.").check()
    (tmp_path / "root").mkdir()
    monkeypatch.setenv("LAYERSCOPE_ROOTS", str(tmp_path / "root"))
    with pytest.raises(AlignerError, match="lies outside of the folders"):
        AlignmentRequest("talks", f"ctc:{tmp_path}").check()
    AlignmentRequest("talks", f"ctc:{tmp_path}/root").check()


def test_what_was_aligned_is_told_once_it_is_there():
    request = AlignmentRequest("talks", "pocketsphinx")
    assert request.summary() is None
    request.folder.mkdir(parents=True)
    write_summary(request.folder, Summary("it", 7, {"a": "why"}))
    assert request.summary() == Summary("it", 7, {"a": "why"})
