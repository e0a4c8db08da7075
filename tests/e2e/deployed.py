"""Scheduler, workers, web server and proxy as plain processes, from the files of deploy/."""

import http.client
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

import yaml

from pipeline.engine.lifecycle import engine_pid

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 - of this test
ANYBODY = ssl.create_default_context()
ANYBODY.check_hostname, ANYBODY.verify_mode = False, ssl.CERT_NONE


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
