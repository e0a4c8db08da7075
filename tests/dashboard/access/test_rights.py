"""Each role against each thing that can be asked for: through the very functions the pages call."""

from functools import partial
from typing import get_args

import pytest

from dashboard import access, loading
from dashboard.access import LEAST_ROLE, Action, Role
from dashboard.loading import base
from pipeline.analyses import AnalysisRequest
from pipeline.configuration import home as home_folder
from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.engine import Pruning
from pipeline.errors import LimitError, RightsError
from pipeline.forced_alignment.request import AlignmentRequest
from pipeline.models.registry import add_model, added_models

ROLES = {"eva": Role.VIEWER, "ben": Role.ANALYST, "ada": Role.ADMIN}
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
    "align": (partial(loading.align, AlignmentRequest("demo", "pocketsphinx")), Role.ANALYST),
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


@pytest.mark.parametrize("name", ROLES)
def test_only_admins_change_what_is_in_the_library(sign_in_as, tmp_path, name):
    sign_in_as(name)
    (tmp_path / "two.txt").write_text("one 1 2\ntwo 3 4\n")
    model = f"glove:{tmp_path / 'two.txt'}"
    add_model("glove:/kept", home_folder())
    changes = [
        partial(loading.add_model, model),
        partial(loading.forget_model, "glove:/kept"),
        partial(loading.add_corpus, "mine", str(tmp_path), ""),
        partial(loading.use_alignment, AlignmentRequest("demo", "pocketsphinx")),
    ]
    if name == "ada":
        for change in changes[:2]:
            change()
        assert added_models(home_folder()) == (model,)
    else:
        for change in changes:
            with pytest.raises(RightsError, match="Only an admin can"):
                change()
        assert added_models(home_folder()) == ("glove:/kept",)
        assert loading.corpus_names() == ("demo",)


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
    assert LEAST_ROLE["add or remove a corpus"] == Role.ADMIN


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
