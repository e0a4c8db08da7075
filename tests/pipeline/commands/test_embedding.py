import pytest

from pipeline.commands.embedding import embed_sides
from pipeline.corpus import open_corpus
from pipeline.planning import coverage
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings

pytestmark = pytest.mark.usefixtures("home")


def plan_of(corpus, store):
    request = ComparisonRequest(
        str(corpus), "s3prl:fbank", "control:onehot", settings=AlignmentSettings(stride_ms=20.0)
    )
    return request.plan(store)


def test_all_that_is_missing_is_embedded_and_what_does_not_fit_is_said(store, capsys):
    plan = plan_of("demo", store)
    assert embed_sides(plan, store, "cpu") == set()
    found = coverage(plan.a, store)
    assert set(found.done) == set(plan.corpus.by_id)
    assert "warning: s3prl:fbank gives a frame every 10 ms" in capsys.readouterr().err


def test_what_cannot_be_heard_is_named_and_the_rest_goes_on(store, tmp_path, capsys):
    """A recording whose header is whole and whose sound is not."""
    folder = tmp_path / "speech" / "1" / "2"
    folder.mkdir(parents=True)
    lines = []
    for number, utterance in enumerate(open_corpus("demo").utterances[:3]):
        name = f"1-2-{number:04d}"
        content = utterance.audio.read_bytes()
        (folder / f"{name}.flac").write_bytes(content[:9000] if number == 1 else content)
        grid = utterance.audio.with_suffix(".TextGrid").read_bytes()
        (folder / f"{name}.TextGrid").write_bytes(grid)
        lines.append(f"{name} {' '.join(utterance.words).upper()}")
    (folder / "1-2.trans.txt").write_text("\n".join(lines), encoding="utf-8")
    plan = plan_of(tmp_path / "speech", store)
    assert embed_sides(plan, store, "cpu") == {"1-2-0001"}
    assert coverage(plan.a, store).done == ("1-2-0000", "1-2-0002")
    assert "1-2-0001.flac" in capsys.readouterr().err
