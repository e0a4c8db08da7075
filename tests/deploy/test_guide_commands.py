"""The guide's commands, all of them, in its order, as somebody types them who has nothing yet.

Blocks that begin with ``sh`` are for everybody, those with ``sh WAY`` for one way. What needs
rights, a daemon, a cluster or the network is a stand-in (stand_ins/); the rest is what it is.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.__main__ import make_parser

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
WAYS = ("containers", "systemd", "kubernetes", "laptop")
SOURCE = ("deploy", "scripts", "requirements.txt", "requirements-web.txt", "dashboard/server.py")
# Of a host; in the commands of the other ways these are inside of containers.
OF_THE_HOST = re.compile(r"(?<![\w/}])(?=/(?:opt|srv|etc|var|backup|run/nginx)\b)")
PROGRAMS = (
    *("sudo", "chown", "install", "useradd", "apt-get", "nginx", "systemctl"),
    *("git", "make", "hf", "pip", "python", "python3", "docker", "kubectl"),
)
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")


def blocks(guide, way):
    """Return the commands of a way, in the order of the guide."""
    found = re.findall(r"^( *)```sh(?: (\w+))?\n(.*?)^ *```$", guide, re.DOTALL | re.MULTILINE)
    assert {of for _, of, _ in found} == {"", *WAYS}
    everybody = () if way == "laptop" else ("",)
    shown = [text for _, of, text in found if of in (way, *everybody)]
    return "\n".join(shown)


class Machine:
    """A folder that commands take for a machine."""

    def __init__(self, folder):
        self.root = folder / "root"
        self.home, self.source, self.programs = (
            self.root / name for name in ("home/ada", "source", "programs")
        )
        for path in (self.home / "CORPUS", self.programs, self.root / "etc/systemd/system"):
            path.mkdir(parents=True)
        (self.root / "var/lib/layerscope/home").mkdir(parents=True)
        for name in SOURCE:
            here, there = ROOT / name, self.source / name
            there.parent.mkdir(parents=True, exist_ok=True)
            if here.is_dir():
                unmade = shutil.ignore_patterns("secrets", "corpora", "models", "backup", "*.env")
                shutil.copytree(here, there, ignore=unmade)
            else:
                shutil.copy(here, there)
        for name in PROGRAMS:
            script = self.programs / name
            command = f"exec {sys.executable} {Path(__file__).with_name('stand_ins')} {name}"
            script.write_text(f'#!/bin/sh\n{command} "$@"\n')
            script.chmod(0o755)

    def types(self, text, way):
        """Run commands as one shell does, which ends at the first that fails."""
        if way == "systemd":
            text = OF_THE_HOST.sub(str(self.root), text)
        # Somebody who is careful, whose files nobody else reads, and who puts up with no prompt.
        script = f"set -euo pipefail; umask 077; cd\n{before(way, self)}\n{text}"
        environment = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "STAND_IN_ROOT": str(self.root),
            "STAND_IN_SOURCE": str(self.source),
        }
        return subprocess.run(  # noqa: S603 - our own guide
            ["/bin/bash", "-c", script],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )

    def knows(self):
        return json.loads((self.root / "state.json").read_text())


def before(way, machine):
    """What a guide cannot do: have a secret from a provider, or the source with a bundle in it."""
    if way == "laptop":
        return f"cd {machine.source}; mkdir DIR"
    return "mkdir -m 0700 ~/layerscope-files; echo word > ~/layerscope-files/client-secret"


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """The machine of each way after all of its commands, made once."""
    made = {}

    def after(way):
        if way not in made:
            machine = Machine(tmp_path_factory.mktemp(way).resolve())
            made[way] = machine, machine.types(blocks(GUIDE, way), way)
        return made[way]

    return after


@pytest.mark.parametrize("way", WAYS)
def test_every_command_works_in_the_guides_order(machines, way):
    _, done = machines(way)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("way", ["containers", "systemd", "kubernetes"])
def test_commands_of_ours_are_understood(machines, way):
    machine, _ = machines(way)
    typed = machine.knows()["ours"]
    assert {tuple(words[:2]) for words in typed} >= {
        ("jobs", "list"),
        ("corpora", "add"),
        ("models", "add"),
        ("cache", "backup"),
        ("cache", "restore"),
    }
    for words in typed:
        assert callable(make_parser().parse_args(words).run)


def test_no_key_is_left_that_signs_others_and_each_unit_is_given_its_own(machines):
    machine, _ = machines("systemd")
    kept = Path(f"{machine.root}/etc/layerscope.locked")
    assert {path.name for path in (kept / "tls").iterdir()} == {
        "ca.pem",
        *(f"{role}.{end}" for role in ("client", "scheduler", "worker") for end in ("pem", "key")),
    }
    assert machine.knows()["locked"][str(machine.root / "etc/layerscope")] == "root"


def test_nginx_accepts_what_the_guide_makes_of_its_file(machines, tmp_path):
    machine, _ = machines("systemd")
    text = (machine.root / "etc/nginx/nginx.conf").read_text(encoding="utf-8")
    elsewhere = text.replace(str(machine.root), "")
    for wrong in ("/dev/std", "/run/secrets", "8443", "8080", "/tmp/"):  # noqa: S108 - not to be there
        assert wrong not in elsewhere
    assert re.findall(r"listen (.+);", text) == ["80", "443 ssl"]
    if NGINX is None:
        pytest.skip("needs nginx; apt install nginx")
    # Ports that need no rights.
    file = tmp_path / "nginx.conf"
    file.write_text(re.sub(r"listen \d+", lambda _: f"listen 127.0.0.1:{free_port()}", text))
    (machine.root / "run").mkdir(exist_ok=True)
    done = subprocess.run([NGINX, "-t", "-c", file], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    assert done.returncode == 0, done.stderr


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


MISTAKES = {
    "certificates made twice": (
        "containers",
        "deploy/make_certificates.sh deploy/secrets/tls\n",
        "deploy/make_certificates.sh deploy/secrets/tls\n" * 2,
        "holds certificates already",
    ),
    "names that only root can list": (
        "containers",
        (
            "sudo chown 10001:10001 deploy/backup deploy/secrets/oidc_client deploy/secrets/tls/*\n"
            "sudo chown 101:101 deploy/secrets/proxy.pem deploy/secrets/proxy.key"
        ),
        "sudo chown -R 10001:10001 deploy/secrets && sudo chown 101:101 deploy/secrets/proxy.*",
        "there is no such file",
    ),
    "a secret that its process cannot read": (
        "containers",
        "sudo chown 101:101 deploy/secrets/proxy.pem deploy/secrets/proxy.key",
        "true",
        "not of 101",
    ),
    "settings that are not there yet": (
        "containers",
        "git clone",
        ". deploy/layerscope.env; git clone",
        "No such file",
    ),
    "an image by another name": (
        "laptop",
        "LAYERSCOPE_BUNDLE=/bundle layerscope-web:0.1.0",
        "LAYERSCOPE_BUNDLE=/bundle layerscope-web",
        "was not built",
    ),
    "a file beside where one was before": (
        "systemd",
        '"$FILES/client-secret" /etc',
        "client-secret /etc",
        "cannot stat 'client-secret'",
    ),
    "an address that nobody told": ("systemd", "URL=https", "URI=https", "URL: unbound variable"),
    "no certificate for the proxy": (
        "systemd",
        'sudo install -m 0600 "$FILES/proxy.pem" "$FILES/proxy.key" /etc/nginx',
        "true",
        "nginx: no ",
    ),
    "a log that only a container has": (
        "systemd",
        "-e 's|/dev/stdout|/var/log/nginx/access.log|'",
        "",
        "/dev/std is of a container",
    ),
    "a command as another user": (
        "systemd",
        "sudo -u layerscope env",
        "env",
        "not the server's user",
    ),
    "a secret that was not made": (
        "kubernetes",
        "kubectl -n layerscope create secret generic layerscope-metrics",
        "kubectl -n layerscope create secret generic another",
        "no secret layerscope-metrics",
    ),
    "an image that no node can have": (
        "kubernetes",
        "docker push registry",
        "echo registry",
        "was not pushed",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_it_would_be_noticed(name, tmp_path):
    way, right, wrong, said = MISTAKES[name]
    assert right in GUIDE
    done = Machine(tmp_path.resolve()).types(blocks(GUIDE.replace(right, wrong), way), way)
    assert done.returncode != 0
    assert said in done.stderr
