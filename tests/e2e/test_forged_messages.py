"""What is sent without the page: buttons that are off or not there, over Streamlit's websocket."""

from urllib.parse import parse_qs, urlencode

import pytest
from streamlit_client import Client
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from pipeline.corpus.registry import registered
from pipeline.engine import JobQueue, find_job
from pipeline.engine.lifecycle import engine_pid
from pipeline.request import ComparisonRequest

ASKED = ComparisonRequest("demo", "control:onehot", "control:duration")
QUERY = "corpus=demo&a=control%3Aonehot&b=control%3Aduration"
OTHER = ComparisonRequest("demo", "control:speaker", "control:onehot")


HOSTILE = (
    "<img/src=x/onerror=alert(1)>",
    "../../../../etc/passwd",
    "\x00",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
    "9" * 5000,
    "-1e999",
    "\N{SUPERSCRIPT TWO}",
    "nan",
    "inf",
    "0",
    "x" * 10_000,
    "\N{GRINNING FACE}" * 1000,
    '{"corpus": "demo", "model_a": [], "model_b": {}}',
    "[" * 2000,
    "'; DROP TABLE jobs; --",
    "{{7*7}}${7*7}",
    "python:os:system",
)
PLACES = (
    *("", "overview", "beside", "measures", "words", "alignments", "views", "library", "jobs"),
    *("storage", "help"),
)
# What pages read from their address, whichever of them.
FIELDS = (
    *("schema", "corpus", "a", "b", "la", "lb", "model", "model2", "utterance", "word", "search"),
    *("said_by", "flag", "subject", "find", "among", "token", "method", "row", "found", "pair"),
    *("drawn", "estimator", "stretch", "measure", "values", "where", "sex", "speaker", "cap"),
    *("fewest", "most", "shortest", "longest", "sample", "seed", "only", "first", "without"),
    *("unit", "rule", "pooling", "rate", "stride", "tab", "show", "order", "kind", "state", "job"),
    *("view", "saved", "find", "problem", "family", "holds", "preset", "guide", "prune_gib"),
)


@pytest.fixture(scope="module")
def shown(serve, tmp_path_factory):
    """A server that only shows what is there; somebody's job waits in its home folder."""
    home = tmp_path_factory.mktemp("shown").resolve()
    with JobQueue(home / "jobs.db") as queue:
        queue.submit("comparison", OTHER.as_dict(), "ada")
    return serve(home=home, MODE="read-only")


@pytest.fixture(scope="module")
def full(serve, computed):
    """A server that shows a comparison."""
    return serve(home=computed, MODE="read-only")


@pytest.fixture
def queue(shown):
    with JobQueue(shown.home / "jobs.db") as opened:
        yield opened


@pytest.fixture
def nothing_happened(shown, queue):
    """Afterwards all is as it was: one job that waits, one corpus, and no engine."""
    before = [(job.task, job.state, job.asked_by) for job in queue.latest()]
    yield
    assert [(job.task, job.state, job.asked_by) for job in queue.latest()] == before
    assert [job.state for job in queue.latest()] == ["queued"]
    assert [corpus.name for corpus in registered(shown.home)] == ["demo"]
    assert engine_pid(shown.home) is None


def test_the_client_s_clicks_start_work_where_it_may(server, wait_until):
    with Client(server.url) as client, JobQueue(server.home / "jobs.db") as jobs:
        button = client.open("compare", QUERY).elements["compute"]
        assert not button.disabled
        client.send("compare", QUERY, {button.id: True})
        job = find_job(jobs, "comparison", ASKED.as_dict())
        assert job.asked_by == "local"
        wait_until(lambda: not jobs.find(job.digest).is_active, "the job has ended")


@pytest.mark.usefixtures("nothing_happened")
def test_a_click_on_a_button_that_is_off_starts_nothing(shown):
    with Client(shown.url) as client:
        button = client.open("compare", QUERY).elements["compute"]
        assert button.disabled
        for _ in range(2):
            client.send("compare", QUERY, {button.id: True})
        assert "exception" not in client.elements


@pytest.mark.usefixtures("nothing_happened")
def test_somebody_s_job_is_not_cancelled(shown, queue):
    (job,) = queue.active()
    with Client(shown.url) as client:
        button = client.open("jobs").elements[f"cancel-{job.id}"]
        assert button.disabled
        client.send("jobs", "", {button.id: True})
        opened = client.open("jobs", f"job={job.id}").elements["cancel"]
        assert opened.disabled
        client.send("jobs", f"job={job.id}", {opened.id: True})


@pytest.mark.usefixtures("nothing_happened")
def test_a_button_that_is_not_there_does_nothing(server, shown, wait_until):
    query = "prune_gib=0"
    with Client(server.url) as own, Client(shown.url) as client:
        wait_until(lambda: "prune" in own.open("storage", query).elements, "a record is there")
        care = dict(own.elements)
        own.send("storage", query, {care["prune"].id: True})
        confirm = own.elements["prune-confirm"]
        client.open("storage", query)
        assert {"prune", "prune-confirm"}.isdisjoint(client.elements)
        for button in (care["verify"], care["prune"], confirm):
            client.send("storage", query, {button.id: True})
        client.send("storage", query, {care["prune"].id: True, confirm.id: True})


@pytest.mark.usefixtures("nothing_happened")
def test_a_form_that_is_not_there_takes_no_path(server, shown, tmp_path):
    with Client(server.url) as own, Client(shown.url) as client:
        form = own.open("library").elements
        client.open("library")
        assert "Folder or manifest" in form
        assert "Folder or manifest" not in client.elements
        sent = {form["Name"].id: "mine", form["Folder or manifest"].id: str(tmp_path)}
        submit = next(drawn.id for key, drawn in form.items() if "add-corpus" in key)
        client.send("library", "", {**sent, submit: True})
        assert str(tmp_path) not in str(client.elements)


@pytest.mark.usefixtures("nothing_happened")
@pytest.mark.parametrize(
    "query",
    [
        "corpus=../../etc&a=hf:/etc&b=python:os:system",
        "corpus=demo&a=control:onehot&b=glove:/etc/passwd",
        "corpus=%3Cscript%3Ealert(1)%3C/script%3E&a=%00&b=%F0%9F%92%A9&la=1e99",
        "a=hf:%E2%80%AE/ect&b=..%2f..%2f&stride=-1&cap=999999999999999999999999",
    ],
)
def test_hostile_values_in_a_link_are_not_taken(shown, query):
    with Client(shown.url) as client:
        for page in ("compare", "words", "library"):
            client.open(page, query)
            assert "exception" not in client.elements


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value[:12]))
def test_no_value_of_any_field_of_a_link_breaks_a_page(full, value, place):
    hostile = dict.fromkeys(FIELDS, value)
    for query in (hostile, hostile | parse_qs(QUERY)):
        with Client(full.url) as client:
            client.follow(place, urlencode(query, doseq=True))
            assert "exception" not in client.elements


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1", "null"])
def test_a_page_of_another_site_hears_nothing(shown, origin):
    address = f"{shown.url.replace('http', 'ws', 1)}/_stcore/stream"
    with pytest.raises(InvalidStatus, match="403"), connect(address, origin=origin):
        pass
