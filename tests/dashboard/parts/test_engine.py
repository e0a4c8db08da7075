import pytest
from streamlit.testing.v1 import AppTest

from dashboard.loading import jobs
from dashboard.parts import engine
from pipeline.engine.lifecycle import UNREACHABLE, serving, tell_scheduler


def sidebar_texts(test):
    return "\n".join(
        str(element.value) for kind in ("markdown", "caption") for element in test.sidebar.get(kind)
    )


@pytest.fixture
def unreachable(home):
    home.mkdir(exist_ok=True)
    with serving(home):
        tell_scheduler(home, f"{UNREACHABLE} (refused)")
        yield home


def test_every_page_says_that_the_engine_is_idle_and_what_that_means(app):
    said = sidebar_texts(app("jobs"))
    assert "Engine idle" in said
    assert "It starts with the next computation" in said


def test_every_page_says_that_an_engine_runs(app, home):
    home.mkdir(exist_ok=True)
    with serving(home):
        assert "Engine starts" in sidebar_texts(app("jobs"))
        tell_scheduler(home, "tcp://127.0.0.1:8786")
        assert "Engine ready" in sidebar_texts(app("jobs"))


def test_a_scheduler_that_cannot_be_reached_is_no_ready_engine(app, unreachable):  # noqa: ARG001
    said = sidebar_texts(app("views"))
    assert "Scheduler unreachable" in said
    assert "Engine ready" not in said


def test_who_waits_for_a_scheduler_that_cannot_be_reached_is_told(app, unreachable):  # noqa: ARG001
    test = app()
    test.button(key="compute").click().run()
    assert "waiting for the scheduler" in test.get("progress")[0].proto.text


@pytest.mark.parametrize(
    ("driver", "scheduler", "told"),
    [(False, "", True), (True, "", False), (False, "tls://scheduler:8786", False)],
)
def test_what_is_slow_for_want_of_a_gpu_is_told_before_it_is_asked_for(
    app, monkeypatch, driver, scheduler, told
):
    monkeypatch.setattr(jobs, "has_driver", lambda: driver)
    monkeypatch.setenv("LAYERSCOPE_SCHEDULER", scheduler)
    test: AppTest = app()
    captions = "\n".join(str(caption.value) for caption in test.caption)
    assert "word embeddings are missing" in captions
    assert ("No GPU was found" in captions) == told


def test_a_caption_without_a_warning_ends_as_it_should(monkeypatch):
    monkeypatch.setattr(jobs, "has_driver", lambda: True)
    assert engine.on_processor() == ""
