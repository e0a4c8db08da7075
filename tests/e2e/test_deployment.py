"""The whole system as plain processes, from the files of deploy/, used through its proxy."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from distributed import Client
from distributed.security import Security
from playwright.sync_api import expect
from test_sign_in import Provider
from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2Model

from pipeline.engine.lifecycle import engine_pid
from pipeline.models.untrained import random_model
from tests.pipeline.models.conftest import tiny_wav2vec2

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 - of this test
ANYBODY = ssl.create_default_context()
ANYBODY.check_hostname, ANYBODY.verify_mode = False, ssl.CERT_NONE

pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx; apt install nginx")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_open(port):
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class System:
    """Scheduler, two workers, web server and proxy; what compose.yaml names lies in a folder."""

    def __init__(self, folder, provider):
        self.folder, self.provider, self.processes = folder, provider, {}
        self.scheduler, self.web, self.http, self.https = (free_port() for _ in range(4))
        self.services = self.read("compose.yaml")
        watched = self.read("compose.metrics.yaml")["web"]["environment"]
        self.services["web"]["environment"] |= watched
        self.url = f"https://localhost:{self.https}/layerscope"

    def read(self, name):
        """Return the services of a compose file, with the default of each variable."""
        text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", (DEPLOY / name).read_text(encoding="utf-8"))
        return yaml.safe_load(self.here(text))["services"]

    def here(self, text):
        """Return a text with this machine's places and ports for those of the containers."""
        for there, here in (
            # First: where the folder is may look the same.
            ("/tmp/", f"{self.folder}/"),  # noqa: S108 - replaced
            ("scheduler:8786", f"127.0.0.1:{self.scheduler}"),
            ('"8786"', f'"{self.scheduler}"'),
            ("/run/secrets/", f"{self.folder}/secrets/"),
            ("/data/", f"{self.folder}/data/"),
            ("web:8501", f"127.0.0.1:{self.web}"),
            ("listen 8080", f"listen 127.0.0.1:{self.http}"),
            ("listen 8443", f"listen 127.0.0.1:{self.https}"),
        ):
            text = text.replace(there, here)
        return text

    def prepare(self):
        secrets = self.folder / "secrets"
        script = [DEPLOY / "make_certificates.sh", secrets]
        subprocess.run(script, check=True, capture_output=True)  # noqa: S603 - our own script
        subject = ["-nodes", "-days", "2", "-subj", "/CN=localhost"]
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", *subject]
        files = ["-keyout", secrets / "proxy.key", "-out", secrets / "proxy.pem"]
        subprocess.run([*made, *files], check=True, capture_output=True)  # noqa: S603 - fixed words
        (secrets / "oidc_client").write_text("of the client\n")
        (secrets / "metrics").write_text(TOKEN)
        for name in ("home", "shared", "corpora", "models"):
            (self.folder / "data" / name).mkdir(parents=True)
        conf = self.here((DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
        (self.folder / "nginx.conf").write_text(conf)

    def settings(self):
        """What layerscope.env would hold here."""
        lines = (DEPLOY / "layerscope.env.example").read_text(encoding="utf-8").splitlines()
        example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        return example | {
            "LAYERSCOPE_PUBLIC_URL": self.url,
            "LAYERSCOPE_OIDC_METADATA_URL": f"{self.provider.url}/.well-known/openid-configuration",
            # Of the image.
            "LAYERSCOPE_WORKER_REQUIREMENTS": str(ROOT / "requirements.txt"),
            "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
            "STREAMLIT_SERVER_PORT": str(self.web),
        }

    def start(self, name, command, environment):
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(  # noqa: S603 - our own files
                command, cwd=ROOT, stdout=log, stderr=log, env=os.environ | environment
            )

    def start_service(self, service, name, **more):
        said = self.services[service]
        assert said["command"][0] == "dask"
        command = [sys.executable, "-m", *said["command"]]
        self.start(name, command, said["environment"] | more)

    def start_all(self, wait_until):
        self.prepare()
        self.start_service("scheduler", "scheduler")
        wait_until(lambda: is_open(self.scheduler), "the scheduler listens", patience_s=60)
        for name in ("worker-1", "worker-2"):
            self.start_service("worker", name, LAYERSCOPE_HOME=str(self.folder / name))
        command = [sys.executable, "-m", "streamlit", "run", "dashboard/server.py"]
        self.start("web", command, self.settings() | self.services["web"]["environment"])
        user = "user root; " if os.geteuid() == 0 else ""
        arguments = ["-c", self.folder / "nginx.conf", "-g", f"{user}daemon off;"]
        self.start("proxy", [NGINX, *arguments], {})
        wait_until(lambda: self.get("/_stcore/health").status == 200, "the pages answer")

    def get(self, path, url=None, **headers):
        request = urllib.request.Request((url or self.url) + path, headers=headers)  # noqa: S310 - our own server
        try:
            return urllib.request.urlopen(request, context=ANYBODY)  # noqa: S310 - our own server
        except urllib.error.HTTPError as answer:
            return answer
        except OSError:
            return urllib.error.HTTPError(path, 0, "not there", {}, None)

    def leads_to(self, path, port, **tls):
        """Return the status and the target of the proxy's own answer."""
        kind = http.client.HTTPSConnection if tls else http.client.HTTPConnection
        connection = kind("localhost", port, timeout=10, **tls)
        connection.request("GET", path)
        answer = connection.getresponse()
        connection.close()
        return answer.status, answer.headers["Location"]

    def layerscope(self, *words):
        """Run a command of ours as the guide does, beside the pages; return what it says."""
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "pipeline", *words],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=os.environ | self.settings() | self.services["web"]["environment"],
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def stop(self):
        for process in reversed(self.processes.values()):
            process.terminate()
        engine = engine_pid(self.folder / "data" / "home")
        if engine:
            with suppress(ProcessLookupError):
                os.kill(engine, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


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
