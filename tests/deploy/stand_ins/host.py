"""A host: its users, its packages, its services."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ours import pipeline
from state import ROOT, give, lock, need, state, unlock

WORKER = re.compile(r"@\w*(?=\.service$)")


def sudo(*words):
    user = "root"
    if words[0] == "-u":
        user, words = words[1], words[2:]
    need(not os.environ.get("STAND_IN_USER"), "sudo within sudo")
    with state() as known:
        unlock(known, user)
    done = subprocess.call(words, env=os.environ | {"STAND_IN_USER": user})  # noqa: S603 - the guide's
    with state() as known:
        lock(known)
    sys.exit(done)


def chown(*words):
    owner, *places = [word for word in words if word != "-R"]
    with state() as known:
        for place in places:
            give(known, Path(place), owner.split(":")[0])
            for inner in Path(place).rglob("*") if "-R" in words else ():
                give(known, inner, owner.split(":")[0])


def install(*words):
    """Run the real one, but for owners, who do not exist here."""
    owner, plain, rest = os.environ.get("STAND_IN_USER"), [], iter(words)
    for word in rest:
        if word == "-o":
            owner = next(rest)
        elif word == "-g":
            next(rest)
        else:
            plain.append(word)
    if done := subprocess.call(["/usr/bin/install", *plain]):  # noqa: S603 - the guide's
        sys.exit(done)
    if owner and "-d" in plain:
        with state() as known:
            for place in plain:
                if Path(place).is_dir():
                    give(known, Path(place), owner)


def git(verb, *words):
    if verb == "clone":
        address, folder = words
        need("://" in address, "git clone: where from?")
        shutil.copytree(os.environ["STAND_IN_SOURCE"], folder)


def python(*words):
    """Python: of a virtual environment that it makes, or of one that was made."""
    if words[:2] == ("-m", "venv"):
        programs = Path(words[2], "bin")
        programs.mkdir(parents=True)
        for name in ("python", "pip"):
            shutil.copy(shutil.which(name), programs / name)
        (programs / "dask").touch()
    elif words[:2] == ("-m", "pipeline"):
        home = os.environ.get("LAYERSCOPE_HOME", "")
        need(home.endswith("/var/lib/layerscope/home"), "LAYERSCOPE_HOME is not the server's")
        need(os.environ.get("STAND_IN_USER") == "layerscope", "this is not the server's user")
        with state() as known:
            pipeline(known, words[2:], Path)
    elif words[:3] == ("-m", "streamlit", "run"):
        need(Path(words[3]).is_file(), f"no {words[3]}")
        need(Path(os.environ["LAYERSCOPE_BUNDLE"]).is_dir(), "no bundle")


def pip(*words):
    if words[:2] == ("install", "-r"):
        need(Path(words[2]).is_file(), f"pip: no {words[2]}")


def make(verb, bundle):
    need(verb == "run" and Path(bundle.removeprefix("BUNDLE=")).is_dir(), f"make: no {bundle}")


def hf(_verb, _model, _option, folder):
    Path(folder).mkdir()


def apt_get(*words):
    if "nginx" in words:
        for folder in ("etc/nginx", "var/log/nginx", "var/lib/nginx"):
            (ROOT / folder).mkdir(parents=True)


def nginx(_test):
    conf = (ROOT / "etc/nginx/nginx.conf").read_text()
    for wrong in ("/dev/std", "/run/secrets", "8443", "8080", "web:8501", "/tmp/"):  # noqa: S108
        need(wrong not in conf.replace(str(ROOT), ""), f"nginx: {wrong} is of a container")
    for name in re.findall(r"ssl_certificate(?:_key)? (\S+);", conf):
        need(Path(name).is_file(), f"nginx: no {name}")


def systemctl(*words):
    verb, *units = [word for word in words if not word.startswith("--")]
    if verb in ("enable", "restart", "start"):
        for unit in units:
            check_unit(ROOT / "etc/systemd/system" / f"{unit}.service")


def check_unit(path):
    if path.name == "nginx.service":
        return
    path = path.with_name(WORKER.sub("@", path.name))
    need(path.is_file(), f"systemctl: no {path.name}")
    drop_ins = sorted(Path(f"{path}.d").glob("*.conf"))
    text = "".join(file.read_text() for file in (path, *drop_ins))
    files = re.findall(r"^LoadCredential=\w[\w.]*:(.+)$", text, re.MULTILINE)
    files += re.findall(r"^EnvironmentFile=(.+)$", text, re.MULTILINE)
    files += re.findall(r"^WorkingDirectory=(.+)$", text, re.MULTILINE)
    files += re.findall(r"^ExecStart=(\S+)", text, re.MULTILINE)
    need(len(files) > 4, f"systemctl: what does {path.name} need?")
    for file in files:
        need((ROOT / file.lstrip("/")).exists(), f"systemctl: {path.name} needs {file}")


def useradd(*words):
    need(words[-1] == "layerscope", "useradd: units have another user")
