"""Each role on each page: which buttons there are and which are off; an old page asks in vain."""

import pytest

from dashboard import loading
from pipeline.demonstration import DEFAULT_REQUEST

VIEWER, ANALYST, ADMIN = "eva", "ben", "ada"
NEW = {"a": "control:onehot", "b": "control:duration"}


def keys(test):
    return {button.key for button in test.button if button.key}


def texts(test):
    return "\n".join(str(each.value) for each in (*test.text, *test.caption, *test.markdown))


@pytest.mark.parametrize(("name", "may"), [(VIEWER, False), (ANALYST, True), (ADMIN, True)])
def test_compute_is_for_analysts_and_says_so(app, sign_in_as, name, may):
    sign_in_as(name)
    test = app("compare", **NEW)
    button = test.button("compute")
    assert button.disabled != may
    if may:
        button.click().run()
        assert not test.exception
        assert [job.asked_by for job in loading.active_jobs()] == [f"{name}@lab.org"]
    else:
        assert button.help == "Only an analyst can start a job; you are a viewer. Ask ada@lab.org."
        assert button.help in texts(test)


@pytest.mark.parametrize("left", [None, VIEWER, "stranger"])
def test_a_page_that_was_drawn_before_a_right_was_lost_asks_in_vain(app, sign_in_as, left):
    sign_in_as(ANALYST)
    test = app("compare", **NEW)
    assert not test.button("compute").disabled
    sign_in_as(left)
    test.button("compute").click().run()
    assert not test.exception
    assert loading.active_jobs() == []
    assert "Only an analyst can start a job" in test.toast[0].value.replace("\\", "")


@pytest.mark.parametrize(
    ("name", "owner", "may"),
    [
        (VIEWER, "eva@lab.org", False),
        (ANALYST, "ben@lab.org", True),
        (ANALYST, "ada@lab.org", False),
        (ADMIN, "ben@lab.org", True),
    ],
)
def test_jobs_are_cancelled_by_their_owners_and_by_admins(app, sign_in_as, name, owner, may):
    sign_in_as(name)
    job = loading.queue().submit("comparison", DEFAULT_REQUEST.as_dict(), owner)
    test = app("jobs")
    button = test.button(f"cancel-{job.id}")
    assert button.disabled != may
    if may:
        button.click().run()
    assert loading.job(job.id).state == ("cancelled" if may else "queued")


def test_viewers_are_not_told_who_asked_or_what_the_log_says(app, sign_in_as):
    job = loading.queue().submit("comparison", DEFAULT_REQUEST.as_dict(), "ben@lab.org")
    loading.queue().claim(job)
    loading.queue().finish(job, "/secret/place: cannot be read")
    for name, told in ((VIEWER, False), (ANALYST, True)):
        sign_in_as(name)
        test = app("jobs", job=job.id)
        assert not test.exception
        assert bool(test.code) == told
        assert ("/secret/place" in "\n".join(code.value for code in test.code)) == told
        columns = app("jobs").dataframe[0].proto.column_order
        assert ("asked_by" in columns) == told


@pytest.mark.parametrize(("name", "may"), [(VIEWER, False), (ANALYST, False), (ADMIN, True)])
def test_storage_is_read_by_all_and_cared_for_by_admins(app, sign_in_as, name, may):
    sign_in_as(name)
    test = app("storage")
    assert test.button("verify").disabled != may
    assert test.metric or test.markdown
    if may:
        test.button("verify").click().run()
        assert [job.kind for job in loading.active_jobs()] == ["care"]


@pytest.mark.parametrize(("name", "may"), [(VIEWER, False), (ANALYST, False), (ADMIN, True)])
@pytest.mark.parametrize("tab", ["Corpora", "Models"])
def test_the_library_is_read_by_all_and_filled_by_admins(app, sign_in_as, name, may, tab):
    sign_in_as(name)
    test = app("library", tab=tab)
    assert not test.exception
    assert test.dataframe
    assert any("add-" in (key or "") for key in keys(test)) == may


def test_a_viewer_sees_what_is_there_of_a_recording_and_starts_nothing(app, sign_in_as):
    sign_in_as(VIEWER)
    test = app("alignments", utterance="ben-01")
    assert loading.queue().latest() == []
    assert "What is not computed of this recording is not shown." in texts(test)
    sign_in_as(ANALYST)
    app("alignments", utterance="ben-01")
    assert [job.kind for job in loading.queue().latest()] == ["view"]


@pytest.mark.parametrize("page", ["compare", "words", "alignments", "library", "jobs", "storage"])
@pytest.mark.parametrize("name", [None, "stranger"])
def test_who_has_no_role_sees_no_page(app, sign_in_as, page, name):
    sign_in_as(name)
    test = app(page)
    assert not test.title
    assert not test.selectbox
    assert keys(test) == ({"sign-in"} if name is None else {"sign-out"})
    assert loading.queue().latest() == []


def test_the_badge_says_who_one_is(app, sign_in_as, monkeypatch):
    sign_in_as(ANALYST, email="ben_*x*_@lab.org", groups=["phonetics"])
    test = app("jobs")
    assert "ben_*x*_@lab.org" in [text.value for text in test.sidebar.text]
    assert "sign-out" in {button.key for button in test.sidebar.button}
    for name in ("ADMINS", "ANALYSTS", "VIEWERS"):
        monkeypatch.delenv(f"LAYERSCOPE_{name}")
    monkeypatch.setenv("LAYERSCOPE_MODE", "local")
    assert not app("jobs").sidebar.button


def test_a_server_that_only_shows_draws_every_page(app, home, monkeypatch):  # noqa: ARG001 - its jobs
    monkeypatch.setenv("LAYERSCOPE_MODE", "read-only")
    for page in ("compare", "words", "alignments", "library", "jobs", "storage"):
        test = app(page)
        assert test.title
        assert "Engine idle" not in texts(test)
    assert app("compare").button("compute").disabled
    assert loading.queue().latest() == []
    assert app.engine_wanted == []
