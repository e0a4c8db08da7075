"""Each role against each thing that can be asked for: through the very functions the pages call."""

from functools import partial
from typing import get_args

import numpy as np
import pytest
import soundfile

from dashboard import access, loading
from dashboard.access import LEAST_ROLE, Action, Role
from dashboard.loading import base
from pipeline.analyses import AnalysisRequest
from pipeline.configuration import home as home_folder
from pipeline.corpus.registry import registered
from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.engine import Pruning
from pipeline.errors import CorpusError, LimitError, RightsError, SavedViewError
from pipeline.forced_alignment.request import AlignmentRequest
from pipeline.models.registry import add_model, added_models
from pipeline.saved_views import open_saved_views

ROLES = {"eva": Role.VIEWER, "ben": Role.ANALYST, "ada": Role.ADMIN}
FORCED = AlignmentRequest("demo", "pocketsphinx")
ASKED = {
    "compare": (partial(loading.compute, DEFAULT_REQUEST), Role.ANALYST),
    "compare again": (partial(loading.compute, DEFAULT_REQUEST, again=True), Role.ANALYST),
    "analyse": (
        partial(loading.analyse, AnalysisRequest(DEFAULT_REQUEST, "calibration", (0, 0))),
        Role.ANALYST,
    ),
    "draw a recording": (
        partial(loading.view_job, DEFAULT_REQUEST, "ben-01", None),
        Role.ANALYST,
    ),
    "align": (partial(loading.align, FORCED), Role.ANALYST),
    "verify": (loading.verify, Role.ADMIN),
    "prune": (partial(loading.prune, Pruning(corpus="demo")), Role.ADMIN),
}


@pytest.fixture
def engine_wanted(monkeypatch):
    wanted = []
    monkeypatch.setattr(base, "ensure_running", wanted.append)
    return wanted


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("asked", ASKED)
def test_a_job_is_queued_for_those_who_may_start_it_and_for_nobody_else(
    sign_in_as, engine_wanted, name, asked
):
    sign_in_as(name)
    start, least = ASKED[asked]
    if ROLES[name] >= least:
        start()
        assert [job.asked_by for job in loading.queue().active()] == [f"{name}@lab.org"]
        assert engine_wanted
    else:
        with pytest.raises(RightsError, match=r"Only an (analyst|admin) can .* Ask ada@lab.org"):
            start()
        assert loading.queue().latest() == []
        assert engine_wanted == []


@pytest.mark.parametrize("name", [None, "stranger"])
@pytest.mark.parametrize("asked", ASKED)
def test_who_has_no_role_can_ask_for_nothing(sign_in_as, engine_wanted, name, asked):
    sign_in_as(name)
    with pytest.raises(RightsError, match="you have no role here"):
        ASKED[asked][0]()
    assert loading.queue().latest() == []
    assert engine_wanted == []


@pytest.mark.parametrize("asked", ASKED)
def test_a_server_that_only_shows_computes_nothing(home, monkeypatch, engine_wanted, asked):  # noqa: ARG001 - its jobs
    monkeypatch.setenv("LAYERSCOPE_MODE", "read-only")
    with pytest.raises(RightsError, match="This server only shows what is there; nobody can"):
        ASKED[asked][0]()
    loading.queue().submit("comparison", DEFAULT_REQUEST.as_dict())  # by a command
    assert loading.active_jobs()
    assert engine_wanted == []


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("owner", ["ben@lab.org", "ada@lab.org", "eva@lab.org", "local"])
@pytest.mark.parametrize("act", ["cancel", "retry"])
def test_analysts_cancel_and_retry_their_own_jobs_and_admins_all(
    sign_in_as, engine_wanted, name, owner, act
):
    sign_in_as(name)
    job = loading.queue().submit("comparison", DEFAULT_REQUEST.as_dict(), owner)
    if act == "retry":
        loading.queue().cancel(job)
        job = loading.job(job.id)
    before = loading.job(job.id)
    if name == "ada" or (name, owner) == ("ben", "ben@lab.org"):
        getattr(loading, act)(job)
        assert loading.job(job.id).state == ("cancelled" if act == "cancel" else "queued")
    else:
        with pytest.raises(RightsError):
            getattr(loading, act)(job)
        assert loading.job(job.id) == before
        assert engine_wanted == []


def test_somebody_s_name_is_no_proof_of_who_they_are(sign_in_as):
    job = loading.queue().submit("comparison", DEFAULT_REQUEST.as_dict(), "ben@lab.org")
    for claims in (
        {"name": "ben@lab.org", "nickname": "ben@lab.org"},
        {"email": "ben@lab.org", "email_verified": False, "sub": "kim"},
        {"email": ["ben@lab.org"], "sub": "kim"},
    ):
        sign_in_as("kim", groups=["phonetics"], **claims)
        assert access.role() == Role.ANALYST
        with pytest.raises(RightsError, match="a job of somebody else"):
            loading.cancel(job)


@pytest.fixture
def library_changes(tmp_path):
    """What can be done to the library, by its name: a model was added before."""
    for name in ("one", "two"):
        soundfile.write(tmp_path / f"{name}.wav", np.zeros(1600), 16_000)
        (tmp_path / f"{name}.lab").write_text(name)
    (tmp_path / "two.txt").write_text("one 1 2\ntwo 3 4\n")
    add_model("glove:/kept", home_folder())
    return {
        "add a model": partial(loading.add_model, f"glove:{tmp_path / 'two.txt'}"),
        "forget a model": partial(loading.forget_model, "glove:/kept"),
        "add a corpus": partial(loading.add_corpus, "mine", str(tmp_path), ""),
        "use an alignment": partial(loading.use_alignment, FORCED),
    }


def library():
    """Return all that is in the library by somebody's doing."""
    return added_models(home_folder()), [each.name for each in registered(home_folder())]


CHANGES = ("add a model", "forget a model", "add a corpus", "use an alignment")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", [*ROLES, None, "stranger"])
def test_only_admins_change_what_is_in_the_library(sign_in_as, library_changes, name, change):
    sign_in_as(name)
    before = library()
    if name == "ada" and change == "use an alignment":
        with pytest.raises(CorpusError, match="demo has its own alignments"):
            library_changes[change]()
    elif name == "ada":
        library_changes[change]()
        assert library() != before
    else:
        with pytest.raises(RightsError, match="Only an admin can"):
            library_changes[change]()
        assert library() == before


@pytest.mark.parametrize("change", CHANGES)
def test_a_server_that_only_shows_has_a_library_that_stays(
    home,  # noqa: ARG001 - its library
    library_changes,
    monkeypatch,
    change,
):
    monkeypatch.setenv("LAYERSCOPE_MODE", "read-only")
    before = library()
    with pytest.raises(RightsError, match="This server only shows what is there; nobody can"):
        library_changes[change]()
    assert library() == before


VIEW_ACTS = {
    "save": lambda _: loading.save_view("compare", "new", "", {}),
    "change": lambda view: loading.change_view(view, "new", ""),
    "delete": loading.delete_view,
}


def keep_view(owner):
    with open_saved_views() as views:
        return views.save("compare", "kept", "", {}, owner)


def view_names():
    with open_saved_views() as views:
        return [view.name for view in views.search("", 10)[0]]


@pytest.mark.parametrize("act", VIEW_ACTS)
@pytest.mark.parametrize("name", [*ROLES, None, "stranger"])
def test_views_are_kept_by_analysts_and_not_by_who_was_one(sign_in_as, name, act):
    sign_in_as(name)
    view = keep_view(access.visitor())
    if ROLES.get(name, 0) >= Role.ANALYST:
        VIEW_ACTS[act](view)
        assert view_names() == {"save": ["new", "kept"], "change": ["new"], "delete": []}[act]
    else:
        with pytest.raises(RightsError, match="Only an analyst can save a view"):
            VIEW_ACTS[act](view)
        assert view_names() == ["kept"]


@pytest.mark.parametrize("act", VIEW_ACTS)
def test_a_server_that_only_shows_keeps_its_views(home, monkeypatch, act):  # noqa: ARG001 - its views
    home_folder().mkdir(exist_ok=True)
    monkeypatch.setenv("LAYERSCOPE_MODE", "read-only")
    view = keep_view(access.visitor())
    with pytest.raises(RightsError, match="This server only shows what is there; nobody can"):
        VIEW_ACTS[act](view)
    assert view_names() == ["kept"]


@pytest.mark.parametrize("act", ["change", "delete"])
@pytest.mark.parametrize(("name", "owner"), [("ben", "ada"), ("ada", "ben")])
def test_somebody_s_view_is_theirs(sign_in_as, name, owner, act):
    sign_in_as(name)
    view = keep_view(f"{owner}@lab.org")
    with pytest.raises(SavedViewError, match="only they may change it"):
        VIEW_ACTS[act](view)
    assert view_names() == ["kept"]


def test_without_roots_nothing_is_added_by_its_path(sign_in_as, monkeypatch):
    sign_in_as("ada")
    monkeypatch.delenv("LAYERSCOPE_ROOTS")
    for change in (
        partial(loading.add_model, "glove:/etc/passwd"),
        partial(loading.add_corpus, "mine", "/etc", ""),
        partial(loading.align, AlignmentRequest("demo", "ctc:/etc")),
    ):
        with pytest.raises(RightsError, match="LAYERSCOPE_ROOTS names no folders"):
            change()


@pytest.mark.usefixtures("home")
def test_one_person_on_their_own_machine_may_do_everything():
    assert [access.why_not(action) for action in get_args(Action)] == [None] * len(LEAST_ROLE)
    assert access.visitor() == "local"
    access.require_roots()


def test_each_action_has_its_least_role():
    assert set(LEAST_ROLE) == set(get_args(Action))
    assert LEAST_ROLE["save a view"] == LEAST_ROLE["start a job"] == Role.ANALYST
    assert LEAST_ROLE["add a corpus"] == Role.ADMIN


@pytest.mark.usefixtures("engine_wanted")
def test_a_limit_is_reached_by_one_person_and_not_by_what_is_on_its_way(sign_in_as, monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_MAX_JOBS_PER_USER", "1")
    sign_in_as("ben")
    ASKED["compare"][0]()
    ASKED["compare"][0]()  # the same job
    with pytest.raises(LimitError, match="jobs of yours that wait or run: 1"):
        ASKED["draw a recording"][0]()
    sign_in_as("ada")
    ASKED["draw a recording"][0]()
    monkeypatch.setenv("LAYERSCOPE_MAX_JOBS", "2")
    sign_in_as("kim", groups=["phonetics"])
    with pytest.raises(LimitError, match="jobs that wait or run: 2"):
        ASKED["align"][0]()
    ASKED["compare"][0]()  # what ben asked for: it is on its way


@pytest.mark.usefixtures("engine_wanted")
@pytest.mark.parametrize(
    ("name", "value"),
    [("MAX_UTTERANCES", "3"), ("MAX_HOURS", "0.001"), ("ALLOWED_MODELS", "control:*")],
)
@pytest.mark.parametrize("asked", ["compare", "compare again", "analyse"])
def test_a_job_beyond_a_limit_is_not_queued(sign_in_as, monkeypatch, name, value, asked):
    sign_in_as("ada")
    monkeypatch.setenv(f"LAYERSCOPE_{name}", value)
    with pytest.raises(LimitError, match=f"LAYERSCOPE_{name}"):
        ASKED[asked][0]()
    assert loading.queue().latest() == []


@pytest.mark.usefixtures("engine_wanted")
def test_a_job_that_has_become_too_large_is_not_tried_again(sign_in_as, monkeypatch):
    sign_in_as("ben")
    ASKED["compare"][0]()
    (job,) = loading.queue().active()
    loading.cancel(job)
    monkeypatch.setenv("LAYERSCOPE_MAX_UTTERANCES", "3")
    with pytest.raises(LimitError):
        loading.retry(loading.job(job.id))
    assert loading.queue().active() == []
