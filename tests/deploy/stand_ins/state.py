"""What the stand-ins know, and who may open what."""

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(os.environ["STAND_IN_ROOT"])
STATE = ROOT / "state.json"


def stop(text):
    sys.exit(f"stand-in: {text}")


def need(condition, text):
    if not condition:
        stop(text)


@contextmanager
def state():
    """What is known: owners, locked folders, images, secrets, what runs, and commands of ours."""
    empty = {"owners": {}, "locked": {}, "images": [], "secrets": {}, "running": [], "ours": []}
    known = json.loads(STATE.read_text()) if STATE.exists() else empty
    yield known
    STATE.write_text(json.dumps(known))


# A folder of somebody else is moved aside while others than its owner act.


def away(folder):
    return Path(f"{folder}.locked")


def lock(known):
    for folder in sorted(known["locked"], reverse=True):
        if Path(folder).is_dir():
            Path(folder).rename(away(folder))


def unlock(known, user):
    """Let a user at what is theirs; root at everything."""
    for folder, owner in sorted(known["locked"].items()):
        if user in ("root", owner) and away(folder).is_dir():
            away(folder).rename(folder)


def give(known, path, owner):
    path = path.resolve()
    need(path.exists(), f"chown: {path}: there is no such file")
    known["owners"][str(path)] = owner
    if path.is_dir() and not path.stat().st_mode & 0o001:
        known["locked"][str(path)] = owner
