"""Ask the public list of known vulnerabilities about every installed package.

Where the list cannot be reached, that is said and nothing fails.
"""

import json
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


def main() -> int:
    """Return 1 if there is a finding that is not accepted."""
    command = [sys.executable, *_COMMAND, "--progress-spinner", "off"]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            command, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
        dependencies = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, subprocess.TimeoutExpired) as error:
        why = str(error).splitlines()[0]
        print(f"not audited: the list of vulnerabilities cannot be reached ({why})")
        return 0
    known = [each for each in dependencies if "skip_reason" not in each]
    if not known:
        print("not audited: the list of vulnerabilities knows none of the packages here")
        return 0
    bad = findings(known)
    print("\n".join(bad) or f"{len(known)} packages audited, nothing found that is not accepted")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
