"""Run a command as a person types it, in this process."""

import json

import pytest

from pipeline.__main__ import main


@pytest.fixture
def run(home, capsys):  # noqa: ARG001 - a home folder of its own
    """Return a function that runs a command: its exit status, output and errors."""

    def run_command(*arguments):
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run_command


@pytest.fixture
def run_json(run):
    """Return a function that runs a command with --json: its exit status and values."""

    def run_command(*arguments):
        status, out, _ = run(*arguments, "--json")
        return status, json.loads(out)

    return run_command
