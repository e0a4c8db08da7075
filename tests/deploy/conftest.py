"""The files of deploy/, read as what they are for is read."""

import logging
import re
from pathlib import Path

import pytest
import yaml
from distributed.system import MEMORY_LIMIT
from distributed.worker_memory import parse_memory_limit

from pipeline.variables import VARIABLES

# Programs, not modules.
collect_ignore = ["stand_ins"]

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture(scope="session")
def deploy():
    """The folder."""
    return DEPLOY


@pytest.fixture(scope="session")
def compose():
    """What compose.yaml says, with the default of each variable in it."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    said = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))
    return {name: value for name, value in said.items() if not name.startswith("x-")}


@pytest.fixture(scope="session")
def manifests():
    """The manifests of kubernetes.yaml."""
    return list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def example():
    """What layerscope.env.example sets, as Docker and systemd read it."""
    lines = (DEPLOY / "layerscope.env.example").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    assert len({name for name, _ in pairs}) == len(pairs) > 5
    return dict(pairs)


@pytest.fixture(scope="session")
def memory_of():
    """Return the share of the machine's memory that Dask gives a worker of one thread."""

    def share(command):
        said = command[command.index("--memory-limit") + 1]
        limit = parse_memory_limit(said, 1, total_cores=64, logger=logging.getLogger())
        return limit / MEMORY_LIMIT

    return share


@pytest.fixture(scope="session")
def unknown():
    """Return the variables of LayerScope that a text names and LayerScope does not have."""
    return lambda text: set(re.findall(r"LAYERSCOPE_[A-Z_]+", text)) - set(VARIABLES)
