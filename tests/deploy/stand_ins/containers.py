"""Docker and its compose."""

import os
import re
from itertools import dropwhile
from pathlib import Path

import yaml
from ours import command_of, pipeline
from state import lock, need, state, unlock


def docker(verb, *words):
    with state() as known:
        # The daemon is root.
        unlock(known, "root")
        try:
            {"compose": compose, "build": build, "push": push, "run": run, "volume": volume}[verb](
                known, *words
            )
        finally:
            lock(known)


def options(words):
    """Return what ``--name value`` says, and the other words."""
    said, rest = {}, list(words)
    for word in words:
        if word in ("--file", "--target", "--tag", "--volume"):
            said.setdefault(word, []).append(rest.pop(rest.index(word) + 1))
            rest.remove(word)
    return said, rest


def build(known, *words):
    said, (context,) = options(words)
    text = Path(said["--file"][0]).read_text()
    need(f" AS {said['--target'][0]}\n" in text, "build: no such stage")
    need(Path(context, "requirements.txt").is_file(), "build: not in the source")
    known["images"] += said["--tag"]


def push(known, image):
    need(image in known["images"], f"push: {image} was not built")
    known["images"].append(f"pushed {image}")


def run(known, *words):
    said, rest = options(words)
    need(rest[-1] in known["images"], f"run: {rest[-1]} was not built")
    for mounted in said.get("--volume", ()):
        need(Path(mounted.split(":")[0]).exists(), f"run: no {mounted}")


def volume(known, verb, name):
    need(verb == "rm" and name == "layerscope_home", f"volume: no {name}")
    need("web" not in known["running"], "volume: it is in use")


def compose(known, *words):
    said, (verb, *rest) = options(words)
    folder = Path(said["--file"][0]).resolve().parent
    texts = (Path(file).read_text() for file in said["--file"])
    read = [yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)) for text in texts]
    services = read[0]["services"]
    for file in services["web"]["env_file"]:
        need((folder / file).is_file(), f"compose: no {file}")
    if verb == "build":
        known["images"] += [each["image"] for each in services.values() if "build" in each]
    elif verb in ("up", "run"):
        for part in read:
            check_services(known, folder, part, services)
    if verb == "up":
        known["running"] += services
    elif verb == "down":
        known["running"] = []
    elif verb in ("run", "exec"):
        within(known, verb, rest, folder, services)


def check_services(known, folder, part, services):
    for name, service in part["services"].items():
        user = services[name]["user"].split(":")[0]
        for secret in service.get("secrets", ()):
            path = str(folder / part["secrets"][secret]["file"])
            need(known["owners"].get(os.path.realpath(path)) == user, f"{path}: not of {user}")
        for mounted in service.get("volumes", ()):
            source = mounted.split(":")[0]
            need("/" not in source or (folder / source).exists(), f"compose: no {source}")
        if "build" in service:
            need(service["image"] in known["images"], f"compose: {service['image']} is not built")


def within(known, verb, words, folder, services):
    name, *command = dropwhile(lambda word: word.startswith("--"), words)
    need(verb == "run" or name in known["running"], f"{name} does not run")

    def place(path):
        mounts = (mounted.split(":")[:2] for mounted in services[name]["volumes"])
        of = [(source, there) for source, there in mounts if Path(path).is_relative_to(there)]
        need(of, f"{path} is not mounted in {name}")
        return folder / of[0][0] / Path(path).relative_to(of[0][1])

    if command_of(command):
        pipeline(known, command_of(command), place)
