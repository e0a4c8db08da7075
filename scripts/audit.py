"""Ask the public list of known vulnerabilities about every installed package.

Where the list cannot be reached, that is said and nothing fails; any other failure does fail.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any

# What is known and accepted, with the reason; any other finding fails.
ACCEPTED: Mapping[str, str] = {
    "CVE-2025-69872": (
        "diskcache unpickles what it finds in its folder; ours never does: cache/disk.py refuses "
        "pickles on reading and writing (tests/cache/test_disk.py), and no release is fixed"
    ),
    "GHSA-w8v5-vhqr-4h9v": "the same as CVE-2025-69872",
}
PATIENCE_S = 180.0
# What pip-audit ends with where no list answers: of requests, and of itself (its _service/pypi.py).
_OF_THE_NETWORK = re.compile(
    r"requests\.exceptions\.(ConnectionError|ProxyError|SSLError|Timeout|ConnectTimeout|ReadTimeout)\b"
    r"|Could not connect to|is not redirecting properly|: 5\d\d Server Error"
)
_COMMAND = ("-m", "pip_audit", "--local", "--skip-editable", "--format", "json")


def findings(dependencies: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what was found and not accepted, a line each."""
    return [
        f"{each['name']} {each['version']}: {found['id']}, "
        f"fixed in {', '.join(found['fix_versions']) or 'no release'}"
        for each in dependencies
        for found in each.get("vulns", ())
        if not {found["id"], *found["aliases"]} & set(ACCEPTED)
    ]


class UnreachableError(Exception):
    """The list cannot be reached from here."""


class AuditError(Exception):
    """The audit itself did not work; nothing is known."""


def audit() -> list[Mapping[str, Any]]:
    """Return what is known of each installed package.

    Raises
    ------
    UnreachableError
        If the network, or the list behind it, does not answer.
    AuditError
        If it failed for any other reason.
    """
    command = [sys.executable, *_COMMAND, "--progress-spinner", "off"]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            command, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired as error:
        raise UnreachableError(str(error)) from error
    try:
        dependencies = list(json.loads(done.stdout)["dependencies"])
    except (ValueError, LookupError, TypeError) as error:
        last = (done.stderr.strip() or str(error)).splitlines()[-1]
        if _OF_THE_NETWORK.search(done.stderr):
            raise UnreachableError(last) from error
        raise AuditError(f"pip-audit ended with status {done.returncode}: {last}") from error
    if not dependencies:
        raise AuditError("pip-audit found no package installed")
    return dependencies


def main() -> int:
    """Return 1 if there is a finding that is not accepted, or the audit itself fails."""
    try:
        dependencies = audit()
    except UnreachableError as error:
        print(f"not audited: the list of vulnerabilities cannot be reached ({error})")
        return 0
    except AuditError as error:
        print(f"the audit failed: {error}")
        return 1
    known = [each for each in dependencies if "skip_reason" not in each]
    if not known:
        print("not audited: the list of vulnerabilities knows none of the packages here")
        return 0
    bad = findings(known)
    print("\n".join(bad) or f"{len(known)} packages audited, nothing found that is not accepted")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
