import pytest

from pipeline.__main__ import COMMANDS, main, make_parser


@pytest.mark.parametrize("module", COMMANDS, ids=lambda module: module.NAME)
def test_every_command_explains_itself(module, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([module.NAME, "--help"])
    assert "usage: python -m pipeline" in capsys.readouterr().out


def test_stopping_by_hand_keeps_what_is_done_and_says_so(monkeypatch, capsys):
    def interrupt(_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.commands.models.run", interrupt)
    assert main(["models", "list"]) == 130
    assert "run it again to go on" in capsys.readouterr().err


def test_a_command_is_required():
    with pytest.raises(SystemExit, match="2"):
        make_parser().parse_args([])
