"""Kubernetes."""

import sys
from pathlib import Path

import yaml
from ours import command_of
from state import need, state


def kubectl(*words):
    verb, *rest = words[2:] if words[0] == "-n" else words
    with state() as known:
        VERBS.get(verb, nothing)(known, *rest)


def nothing(_known, *_words):
    """Do what leaves no trace here."""


def create(known, kind, *words):
    if kind == "secret":
        known["secrets"][words[1]] = list(secret_keys(words[2:]))


def scale(known, _kind, name, replicas):
    known["running"] = [each for each in known["running"] if each != name]
    known["running"] += [name] if replicas != "--replicas=0" else []


def delete(known, _kind, name):
    known["running"].remove(name)


def execute(known, target, _dashes, *command):
    need(Path(target).name in known["running"], f"exec: {target} does not run")
    if command_of([*command]):
        known["ours"].append(command_of([*command]))


def get(_known, *_words):
    sys.stdout.write("pod/web-0\n")


def secret_keys(files):
    for word in files:
        option, _, said = word.partition("=")
        key, equals, path = said.rpartition("=")
        need(Path(path).exists(), f"secret: no {path}")
        if Path(path).is_dir():
            yield from (inner.name for inner in Path(path).iterdir())
        else:
            yield key if equals else option


def apply(known, _option, file):
    for each in yaml.safe_load_all(Path(file).read_text()):
        if each["kind"] not in ("Deployment", "Pod"):
            continue
        spec = each["spec"]
        pod = spec["template"]["spec"] if each["kind"] == "Deployment" else spec
        for container in pod["containers"]:
            image = container["image"]
            need(f"pushed {image}" in known["images"], f"apply: {image} was not pushed")
        for secret in (mounted["secret"] for mounted in pod["volumes"] if "secret" in mounted):
            keys = known["secrets"].get(secret["secretName"])
            need(keys is not None, f"apply: no secret {secret['secretName']}")
            missing = {item["key"] for item in secret.get("items", ())} - set(keys)
            need(not missing, f"apply: no {missing}")
        known["running"].append(each["metadata"]["name"])


def copy(known, source, target):
    if ":" in source:
        Path(target).mkdir()
    else:
        need(Path(source).exists(), f"cp: no {source}")
        need(target.split(":")[0] in known["running"], f"cp: {target} does not run")


VERBS = {
    "create": create,
    "apply": apply,
    "scale": scale,
    "delete": delete,
    "exec": execute,
    "get": get,
    "cp": copy,
}
