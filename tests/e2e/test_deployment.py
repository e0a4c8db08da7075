"""The whole system as plain processes, from the files of deploy/, used through its proxy."""

import json
import re
import signal
import subprocess

import pytest
from deployed import ANYBODY, DEPLOY, NGINX, TOKEN, System
from distributed import Client
from distributed.security import Security
from playwright.sync_api import expect
from test_sign_in import Provider
from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2Model

from pipeline.models.untrained import random_model
from tests.pipeline.models.conftest import tiny_wav2vec2

pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx; apt install nginx")


@pytest.fixture(scope="module")
def system(tmp_path_factory, wait_until):
    provider = Provider()
    wait_until(provider.is_healthy, "the provider answers")
    running = System(tmp_path_factory.mktemp("system").resolve(), provider)
    try:
        running.start_all(wait_until)
        yield running
    finally:
        running.stop()
        provider.process.kill()
        provider.process.wait()


def test_somebody_signs_in_through_the_proxy_and_sees_what_the_workers_computed(
    browser, system, settled
):
    system.provider.knows(email="ada@example.org")
    context = browser.new_context(viewport={"width": 1440, "height": 950}, ignore_https_errors=True)
    page = context.new_page()
    # Without its last slash.
    page.goto(f"{system.url}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{system.url}/**")
    settled(page)
    chart = page.locator(".st-key-heatmap .layerscope-chart")
    expect(chart).to_have_attribute("data-state", "ready", timeout=300_000)
    page.goto(f"{system.url}/alignments?corpus=demo&utterance=ben-01")
    settled(page)
    heard = page.evaluate(f"fetch('{system.url}/api/audio/demo/ben-01.wav').then(a => a.status)")
    assert heard == 200
    context.close()


def test_redirects_keep_the_port_that_the_browser_came_to(system):
    # In its container nginx listens on another one.
    for path, status, target in (
        ("/", 302, "/layerscope/"),
        ("/layerscope?corpus=demo", 308, "/layerscope/?corpus=demo"),
    ):
        assert system.leads_to(path, system.https, context=ANYBODY) == (status, target)


def test_by_http_one_is_led_to_the_same_address_by_https(system):
    target = "/layerscope/alignments?corpus=demo"
    assert system.leads_to(target, system.http) == (308, f"https://localhost{target}")


def test_nothing_is_said_to_who_has_not_signed_in(system):
    assert system.get("/api/audio/demo/ben-01.wav").status == 401


def test_metrics_are_read_inside_and_never_through_the_proxy(system):
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert system.get("/api/metrics", **bearer).status == 404
    inside = f"http://127.0.0.1:{system.web}/layerscope"
    assert system.get("/api/metrics", inside).status == 401
    by_name = bearer | {"Host": f"web:{system.web}"}
    assert system.get("/api/metrics", inside, **by_name).status == 200
    assert system.get("/api/metrics", inside, **bearer, Host="elsewhere").status == 403
    text = system.get("/api/metrics", inside, **bearer).read().decode()
    assert 'layerscope_jobs{kind="comparison",state="done"} 1.0' in text
    assert 'layerscope_engine{state="running"} 1.0' in text
    assert system.get("/_stcore/metrics").status == 404


def test_both_workers_computed_and_the_log_follows_the_job_without_naming_anybody(system):
    home = system.folder / "data" / "home"
    for name in ("worker-1", "worker-2"):
        assert list((system.folder / name / "store").rglob("*.safetensors"))
    engine = (home / "engine.log").read_text(encoding="utf-8")
    assert re.search(r'"message": "job (\w+) is done".*"job": "\1", "state": "done"', engine)
    said = system.log("web") + system.log("proxy") + engine
    assert "ada@example.org" not in said
    assert "ben-01" not in said


def test_a_model_in_the_folder_of_models_is_added_and_run_by_the_workers(system):
    folder = system.folder / "data" / "models" / "wav2vec2-base"
    random_model(Wav2Vec2Model, tiny_wav2vec2("group"), seed=4).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(folder)
    name = f"hf:{folder}"
    assert str(folder) in system.layerscope("models", "add", name)
    asked = ("--corpus", "demo", "--model1", "minilm", "--model2", name, "--json")
    job = json.loads(system.layerscope("jobs", "start", *asked))["id"]
    system.layerscope("jobs", "wait", job)
    assert json.loads(system.layerscope("jobs", "show", job, "--json"))["state"] == "done"


def test_a_request_has_one_id_in_the_proxy_and_in_the_server(system, wait_until):
    number = system.get("/_stcore/health").headers["X-Request-ID"]
    # Both write when they have answered, maybe after the answer came here.
    for name, line in (("proxy", f'"request_id":"{number}"'), ("web", f'"request": "{number}"')):
        wait_until(lambda name=name, line=line: line in system.log(name), f"{name} writes {line}")


def test_the_scheduler_answers_nobody_without_a_certificate_of_its_authority(system, tmp_path):
    script = [DEPLOY / "make_certificates.sh", tmp_path / "other"]
    subprocess.run(script, check=True, capture_output=True)  # noqa: S603 - our own script
    address = f"127.0.0.1:{system.scheduler}"

    def security(folder):
        files = {
            "tls_client_cert": str(folder / "client.pem"),
            "tls_client_key": str(folder / "client.key"),
        }
        ca = str(system.folder / "secrets" / "ca.pem")
        return Security(tls_ca_file=ca, require_encryption=True, **files)

    with Client(f"tls://{address}", security=security(system.folder / "secrets")) as client:
        assert len(client.scheduler_info()["workers"]) == 2
    with pytest.raises(OSError, match=r"Timed out|ssl|certificate|closed"):
        Client(f"tls://{address}", security=security(tmp_path / "other"), timeout=3)
    with pytest.raises(OSError, match=r"Timed out|closed"):
        Client(f"tcp://{address}", timeout=3)


def test_what_is_told_to_stop_stops(system):
    web = system.processes["web"]
    web.terminate()
    assert web.wait(30) in (0, -signal.SIGTERM)
    assert "Traceback" not in system.log("web")
