import json
import shutil

import pytest

from dashboard import loading
from pipeline.configuration import home as home_folder
from pipeline.configuration import open_store
from pipeline.corpus import open_corpus
from pipeline.corpus.checks import check
from pipeline.corpus.registry import add_corpus, registered
from pipeline.engine import open_queue
from pipeline.forced_alignment.request import AlignmentRequest
from pipeline.forced_alignment.result_folder import Summary, write_summary
from pipeline.models.catalogue import known_models
from pipeline.models.listing import facts
from pipeline.models.registry import added_models

pytestmark = pytest.mark.usefixtures("home")


def texts(test):
    return "\n".join(
        str(element.value)
        for kind in ("markdown", "caption", "text", "code")
        for element in test.get(kind)
    )


@pytest.fixture
def library(app):
    """Return a function that opens the page at a corpus; in one session, its choice is kept."""

    def open_library(corpus, **parameters):
        return app("library", **parameters).selectbox(key="corpus").select(corpus).run()

    return open_library


def tables(test):
    """Return the tables by what they are said to show."""
    return {element.proto.alt: element.value for element in test.dataframe}


def table(test, start):
    return next(value for alt, value in tables(test).items() if alt.startswith(start))


@pytest.fixture
def plain(tmp_path):
    """A corpus of two utterances without times, registered."""
    chapter = tmp_path / "plain" / "1" / "2"
    chapter.mkdir(parents=True)
    spoken = open_corpus("demo").utterances[:2]
    for number, utterance in enumerate(spoken):
        shutil.copy(utterance.audio, chapter / f"1-2-{number:04}.flac")
    lines = [f"1-2-{number:04} {' '.join(each.words)}" for number, each in enumerate(spoken)]
    (chapter / "1-2.trans.txt").write_text("\n".join(lines), encoding="utf-8")
    add_corpus("plain", tmp_path / "plain", None, home_folder())
    return tmp_path / "plain"


@pytest.fixture
def vectors(tmp_path):
    file = tmp_path / "two.txt"
    file.write_text("so 1 2\nit 3 4\n")
    return file


def test_every_corpus_is_listed_with_its_size_and_one_that_is_gone_with_its_reason(app, plain):
    (plain / "gone").mkdir()
    add_corpus("gone", plain / "gone", None, home_folder())
    (plain / "gone").rmdir()
    demo, without_times, gone = table(app("library"), "The registered").to_dict("records")
    report = check(open_corpus("demo"))
    assert (demo["Corpus"], demo["State"]) == ("demo", "sound")
    assert (demo["Utterances"], demo["Words"], demo["Speakers"]) == (80, report.tokens, 5)
    assert demo["Hours"] == pytest.approx(report.hours)
    assert (demo["Without a time"], demo["Notes"]) == (0, 0)
    assert (without_times["State"], without_times["Not aligned"]) == ("not usable", 2)
    assert gone["State"].startswith("cannot be opened: ")
    assert "is neither a folder nor a registered corpus" in gone["State"]


def test_a_corpus_that_is_gone_is_told_in_place_of_its_report(library, plain):
    shutil.rmtree(plain)
    test = library("plain")
    assert "is neither a folder nor a registered corpus" in texts(test)
    assert test.metric == []


def test_a_report_is_that_of_the_command(library, shared):
    speech = shared / "speech"
    add_corpus("real", speech / "LibriSpeech", speech / "alignments-mfa", home_folder())
    test = library("real")
    report = check(open_corpus(speech / "LibriSpeech", speech / "alignments-mfa"))
    shown = {metric.label: metric.value for metric in test.metric}
    assert shown["Utterances"] == f"{report.utterances:,}"
    assert shown["Words"] == f"{report.tokens:,}"
    assert shown["Not aligned"] == f"{report.unaligned:,}"
    assert all(warning in texts(test) for warning in report.warnings)
    counts = table(test, "Histogram")["Words"]
    assert list(counts) == report.duration_counts.tolist()
    assert "python -m pipeline corpora check real --audio" in texts(test)


def test_problems_are_searched_and_lead_to_their_utterance(library, plain):
    words = open_corpus("demo").utterances[0].words
    write_times(plain / "1" / "2" / "1-2-0000.TextGrid", (*words[:-1], "nonsense"))
    test = library("plain")
    corpus = open_corpus(plain)
    assert len(corpus.problems) > 1
    assert len(table(test, "Problems")) == len(corpus.problems)
    assert list(corpus.by_id) == ["1-2-0000"]
    links = table(test, "Problems").set_index("Utterance")["Alignment"].dropna()
    assert dict(links) == {"1-2-0000": "/alignments?corpus=plain&utterance=1-2-0000"}
    found = table(library("plain", problem="0001"), "Problems")
    assert list(found["Utterance"]) == ["1-2-0001"]
    nothing = library("plain", problem="zzz")
    assert len(table(nothing, "Problems")) == 0
    assert "No problem holds this text." in texts(nothing)


def test_only_the_first_problems_are_sent(library, monkeypatch, plain):  # noqa: ARG001 - registers it
    monkeypatch.setattr("dashboard.parts.corpus_problems.MOST_ROWS", 1)
    test = library("plain")
    assert len(table(test, "Problems")) == 1
    assert "The first 1 of 2; search for the others." in texts(test)


def added(test, kind, **values):
    for label, value in values.items():
        next(field for field in test.text_input if field.label == label).set_value(value)
    form = f"add-{kind}"
    return next(each for each in test.button if each.form_id == form).click().run()


def test_a_corpus_is_added_and_selected(app, plain):
    test = added(app("library"), "corpus", **{"Name": "mine", "Folder or manifest": str(plain)})
    assert not test.exception
    assert "mine: 0 utterances registered, 2 lack an alignment" in texts(test)
    assert [each.name for each in registered(home_folder())] == ["demo", "plain", "mine"]
    assert test.selectbox(key="corpus").value == "mine"


@pytest.mark.parametrize(
    ("name", "folder", "reason"),
    [
        ("", "PLAIN", "cannot name a corpus"),
        ("demo", "PLAIN", "there is a corpus named demo already"),
        ("mine", "", "expected the folder of a corpus"),
        ("mine", "/nowhere", "/nowhere is neither a folder nor a registered corpus"),
    ],
)
def test_a_corpus_that_cannot_be_added_says_why(app, plain, name, folder, reason):
    folder = folder.replace("PLAIN", str(plain))
    test = added(app("library"), "corpus", **{"Name": name, "Folder or manifest": folder})
    assert reason in texts(test)
    assert [each.name for each in registered(home_folder())] == ["demo", "plain"]


def test_corpora_and_models_outside_of_the_roots_are_refused(app, plain, vectors, monkeypatch):
    (plain.parent / "root").mkdir()
    monkeypatch.setenv("LAYERSCOPE_ROOTS", str(plain.parent / "root"))
    test = added(app("library"), "corpus", **{"Name": "mine", "Folder or manifest": str(plain)})
    assert "lies outside of the folders" in texts(test)
    test = added(app("library", tab="Models"), "model", Name=f"glove:{vectors}")
    assert "lies outside of the folders" in texts(test)
    assert added_models(home_folder()) == ()


def test_a_known_corpus_says_how_it_is_fetched_and_how_large_it_is(app):
    test = app("library")
    test.selectbox(key="known").select("librispeech:train-clean-100").run()
    assert "python -m pipeline corpora fetch librispeech:train-clean-100" in texts(test)
    assert "6.387 GB of recordings" in texts(test)


def test_what_has_no_times_is_aligned_once_however_often_it_is_asked_for(app, library, plain):  # noqa: ARG001
    test = library("plain")
    test.button(key="start-alignment").click().run()
    with open_queue() as queue:
        (job,) = queue.active()
    assert (job.kind, job.task) == (
        "alignment",
        AlignmentRequest("plain", "pocketsphinx").as_dict(),
    )
    assert app.engine_wanted
    test = library("plain")
    assert test.button(key="start-alignment").disabled
    assert "waiting for the engine" in test.get("progress")[0].proto.text
    test.button(key="cancel-alignment").click().run()
    assert "It was cancelled; what is aligned is kept." in texts(test)
    assert not test.button(key="start-alignment").disabled


def test_an_alignment_that_runs_says_how_far_it_is_and_one_that_failed_why(library, plain):  # noqa: ARG001
    library("plain").button(key="start-alignment").click().run()
    with open_queue() as queue:
        (job,) = queue.active()
        queue.claim(job)
        queue.count(job, total=2, done=1, failed=0, at_start=0)
    progress = library("plain").get("progress")[0].proto
    assert (progress.text, progress.value) == ("1 of 2 utterances aligned, 0 failed", 50)
    with open_queue() as queue:
        queue.finish(job, "the package pocketsphinx is missing")
    assert "the package pocketsphinx is missing" in texts(library("plain"))


def write_times(path, labels):
    """Write when the words of the demonstration's first utterance were said, so spelled."""
    utterance = open_corpus("demo").utterances[0]
    times = zip(utterance.word_intervals, labels, strict=True)
    rows = " ".join(f'{it.start} {it.end} "{label}"' for it, label in times)
    tier = f'"IntervalTier" "words" 0 {utterance.duration_s} {len(labels)} {rows}'
    path.write_text(f'"ooTextFile" "TextGrid" 0 {utterance.duration_s} <exists> 1 {tier}')


@pytest.fixture
def aligned(plain):  # noqa: ARG001 - registers it
    """What an alignment of the corpus leaves: of one utterance times, of the other a reason."""
    folder = AlignmentRequest("plain", "pocketsphinx").folder
    times = folder / "1" / "2" / "1-2-0000.TextGrid"
    times.parent.mkdir(parents=True)
    words = open_corpus("demo").utterances[0].words
    write_times(times, words)
    write_summary(folder, Summary("it 1.0", len(words), {"1-2-0001": "1-2-0001.flac: no"}))
    return folder


def test_what_was_aligned_is_told_with_what_failed_and_used_under_a_name_of_its_own(
    library, aligned
):
    test = library("plain")
    words = len(open_corpus("demo").utterances[0].words)
    assert f"{words} words have times now, by it 1.0; 1 utterances failed." in texts(test)
    assert f"--alignments {aligned}" in texts(test)
    assert list(table(test, "Utterances that could not")["Utterance"]) == ["1-2-0001"]
    test.button(key="use-alignment").click().run()
    assert test.selectbox(key="corpus").value == "plain-pocketsphinx"
    shown = {metric.label: metric.value for metric in test.metric}
    assert (shown["Utterances"], shown["Words"]) == ("1", str(words))
    again = library("plain")
    assert "The corpus plain-pocketsphinx uses these times" in texts(again)
    assert "use-alignment" not in [button.key for button in again.button]


def test_a_result_that_is_gone_is_refused_with_its_reason(library, aligned):
    test = library("plain")
    shutil.rmtree(aligned)
    test.button(key="use-alignment").click().run()
    assert not test.exception
    assert f"{aligned}: expected the folder of the alignments; it is none" in texts(test)
    assert [each.name for each in registered(home_folder())] == ["demo", "plain"]


@pytest.mark.parametrize(
    ("folder", "reason"), [("/nowhere", "expected the whole path of a CTC model"), ("", None)]
)
def test_a_model_that_aligns_is_a_folder(library, plain, folder, reason):  # noqa: ARG001
    test = library("plain", aligner="CTC model", ctc=folder)
    assert "start-alignment" not in [button.key for button in test.button]
    assert reason is None or reason in texts(test)


def test_what_is_aligned_offers_no_aligner(library):
    test = library("demo")
    assert "aligner" not in [box.key for box in test.selectbox]
    assert "Nothing of this corpus has to be left out." in texts(test)


def test_every_model_is_listed_and_found_by_text(app):
    test = app("library", tab="Models")
    specs = known_models()
    assert list(table(test, "The models")["Model"]) == [spec.name for spec in specs]
    found = table(app("library", tab="Models", find="Mel bands of"), "The models")
    (row,) = found.to_dict("records")
    assert (row["Model"], row["Layers"], row["Dims"]) == ("s3prl:mel", 1, 80)
    assert (row["Rate"], row["Stride"], row["On disk"]) == (16.0, 10.0, True)
    assert "No model fits" in texts(app("library", tab="Models", find="zzz"))


def test_a_model_shows_what_the_command_shows_with_its_layers(app):
    test = app("library", tab="Models", model="untrained:wav2vec2-base")
    (spec,) = (spec for spec in known_models() if spec.name == "untrained:wav2vec2-base")
    told = facts(spec)
    hidden = {"name", "on disk", "layers"}
    assert all(value in texts(test) for name, value in told.items() if name not in hidden)
    layers = table(test, "The layers of")
    assert [f"{k}: {said}" for k, said in layers.itertuples(index=False)] == list(spec.layer_names)
    links = [link.proto for link in test.get("page_link")]
    assert [link.label for link in links] == ["Compare as A", "Compare as B"]
    assert [link.query_string for link in links] == [
        f"{side}=untrained%3Awav2vec2-base" for side in "ab"
    ]


def test_a_model_that_is_not_here_says_how_to_fetch_it_and_is_compared_with_nothing(
    app, monkeypatch, tmp_path
):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    test = app("library", tab="Models", model="beats:BEATs_iter1")
    assert "python -m pipeline models fetch beats:BEATs_iter1" in texts(test)
    assert test.get("page_link") == []
    assert "beats:BEATs_iter1" not in app("compare").selectbox(key="a").options


def test_a_model_is_added_selected_compared_and_removed(app, vectors):
    name = f"glove:{vectors}"
    test = added(app("library", tab="Models", find="hubert"), "model", Name=name)
    assert not test.exception
    assert f"{name} is in the menus now" in texts(test)
    assert added_models(home_folder()) == (name,)
    assert test.selectbox(key="model").value == name
    assert name in app(a=name).selectbox(key="a").options
    test = app("library", tab="Models", model=name)
    next(each for each in test.button if each.label == "Remove from the menus").click().run()
    assert not test.exception
    assert added_models(home_folder()) == ()
    assert test.selectbox(key="model").value == "minilm"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "expected KIND:PATH"),
        ("python:os:getcwd", "runs any code"),
        ("glove:/nowhere", "expected a text file of word vectors"),
        ("minilm", "minilm is listed already"),
    ],
)
def test_a_model_that_cannot_be_added_says_why(app, monkeypatch, name, reason):
    monkeypatch.setenv("LAYERSCOPE_ALLOW_PYTHON_MODELS", "1")
    test = added(app("library", tab="Models"), "model", Name=name)
    assert reason in texts(test)
    assert added_models(home_folder()) == ()


def test_an_added_model_that_is_gone_stops_no_page_and_can_be_removed(app, vectors):
    name = f"glove:{vectors}"
    added(app("library", tab="Models"), "model", Name=name)
    vectors.unlink()
    # As after the minute for which a page remembers what it found.
    loading.models.clear()
    for page in ("compare", "alignments", "library"):
        assert not app(page).exception
    test = app("library", tab="Models")
    (row,) = table(test, "Models that cannot").to_dict("records")
    assert row["Model"] == name
    assert "expected a text file of word vectors" in row["Reason"]
    test.button(key=f"remove-{name}").click().run()
    assert added_models(home_folder()) == ()


def test_a_damaged_list_of_models_is_told(app):
    (home_folder() / "models.json").write_text(json.dumps({"a": 1}))
    assert "the list of added models is damaged" in texts(app("library", tab="Models"))


def test_looking_writes_nothing_into_the_queue(app):
    app("library", tab="Models")
    with open_queue() as queue, open_store():
        assert queue.latest() == []
