"""Commands of ours: what they do to folders."""

from state import need


def pipeline(known, words, place):
    """Do what a command of ours does to folders; `place` tells where one of its paths is here."""
    known["ours"].append(words)
    match words:
        case ("cache", "backup", folder):
            need(place(folder).parent.is_dir(), f"backup: no folder for {folder}")
            place(folder).mkdir()
        case ("cache", "restore", folder):
            need(place(folder).is_dir(), f"restore: no {folder}")
        case ("corpora" | "models", "add", *_, named):
            need(place(named.removeprefix("hf:")).is_dir(), f"add: no {named}")
        case ("publish", *_, "--out", folder):
            place(folder).mkdir()


def command_of(words):
    """Return the arguments of ``python -m pipeline``, None where it is another command."""
    return tuple(words[3:]) if words[1:3] == ["-m", "pipeline"] else None
