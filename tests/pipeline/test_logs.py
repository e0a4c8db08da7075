import json
import logging
import subprocess
import sys
from datetime import datetime

import pytest

from pipeline.errors import SettingsError
from pipeline.logs import JsonLines, is_json, request_id

SET_UP = "import logging; from pipeline import logs; logs.set_up(logging.INFO); "


def line(message="job %s is done", *arguments, exception=None, **facts):
    record = logging.LogRecord("a.b", logging.INFO, "f.py", 1, message, arguments, exception)
    vars(record).update(facts)
    return json.loads(JsonLines().format(record))


def test_a_line_says_when_how_grave_who_and_what():
    said = line("job %s is done", "abc", job="abc", seconds=1.5)
    assert datetime.fromisoformat(said.pop("time")).tzinfo is not None
    assert said == {
        "level": "info",
        "logger": "a.b",
        "message": "job abc is done",
        "job": "abc",
        "seconds": 1.5,
    }


def test_a_line_bears_the_id_of_its_request():
    token = request_id.set("0123456789abcdef")
    try:
        assert line("x")["request"] == "0123456789abcdef"
    finally:
        request_id.reset(token)
    assert "request" not in line("x")


def test_an_exception_stays_on_the_line():
    try:
        1 / 0  # noqa: B018 - it is what is wanted
    except ZeroDivisionError:
        said = line("it failed", exception=sys.exc_info())
    assert said["exception"].endswith("ZeroDivisionError: division by zero")


def test_what_a_message_holds_cannot_make_up_a_line():
    record = logging.LogRecord("a", 20, "f", 1, '"}\n{"level": "error"', (), None)
    text = JsonLines().format(record)
    assert "\n" not in text
    assert json.loads(text)["message"] == '"}\n{"level": "error"'


@pytest.mark.usefixtures("home")
def test_another_style_is_refused(monkeypatch):
    assert not is_json()
    monkeypatch.setenv("LAYERSCOPE_LOG", "xml")
    with pytest.raises(SettingsError, match="LAYERSCOPE_LOG is 'xml'; expected one of text, json"):
        is_json()


@pytest.mark.usefixtures("home")
def test_libraries_that_have_handlers_of_their_own_write_json_too(monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_LOG", "json")
    code = (
        "import streamlit.logger as s; log = s.get_logger('streamlit.web'); " + SET_UP + "import "
        "warnings; log.warning('one'); logging.getLogger('x').info('two'); warnings.warn('three')"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    messages = [json.loads(each)["message"] for each in done.stderr.splitlines()]
    assert messages[:2] == ["one", "two"]
    assert "three" in messages[2]
