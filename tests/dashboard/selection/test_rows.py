from pipeline.engine import open_queue
from pipeline.request import ComparisonRequest
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings
from pipeline.view_parameters import VALUES, rows_parameters, settings_parameters

SELECTION = RowSelection(
    first_occurrence=True,
    most_per_type=5,
    fewest_of_type=2,
    most_of_type=90,
    shortest_s=0.05,
    longest_s=0.75,
    vocabulary=("cat", "dog"),
    most_rows=1000,
    seed=7,
)
ROWS = RowSettings(
    where=(("sex", "f"), ("speaker", "ada")),
    selection=SELECTION,
    controls=("mel", "speaker"),
    values="within type",
)


def asked(app, **parameters):
    """Return the request that a page with such parameters queues."""
    test = app(a="control:onehot", b="control:lookup", **parameters)
    test.button(key="compute").click().run()
    with open_queue() as queue:
        (job,) = queue.active()
    return ComparisonRequest.from_dict(job.task)


def test_a_link_with_every_row_setting_asks_for_just_these_rows(app):
    assert asked(app, **rows_parameters(ROWS)).rows == ROWS


def test_a_link_of_the_defaults_asks_for_every_token(app):
    assert asked(app, **rows_parameters(RowSettings())).rows == RowSettings()


def test_words_are_compared_without_capitals_and_punctuation(app):
    assert asked(app, only="The cat, DOG").rows.selection.vocabulary == ("cat", "dog", "the")


def test_the_popover_says_what_a_row_is_and_whether_some_are_left_out(app):
    def label(**parameters):
        labels = [block.proto.popover.label for block in app(**parameters).get("popover")]
        return next(name for name in labels if name.startswith(tuple(VALUES)))

    assert label() == "Tokens"
    assert label(values="Type means") == "Type means"
    assert label(values="Type means", cap="5") == "Type means · filtered"


def test_the_sexes_and_speakers_offered_are_those_of_the_corpus(app):
    test = app(sex="X")
    assert (test.selectbox(key="sex").options, test.selectbox(key="sex").value) == (
        ["All", "f", "m"],
        "All",
    )
    assert test.selectbox(key="speaker").options == ["All", "ada", "ben", "cora", "dan", "eve"]


def test_a_link_names_the_sex_that_is_asked_for():
    assert rows_parameters(RowSettings(where=(("sex", "F"),)))["sex"] == "F"


def test_settings_and_rows_share_no_parameter():
    request = ComparisonRequest("demo", "a", "b")
    assert not rows_parameters(ROWS).keys() & settings_parameters(request.settings).keys()
