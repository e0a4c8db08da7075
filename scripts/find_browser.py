"""Find the Chromium that the browser tests drive, or install one; prints its path.

In this order: the one that LAYERSCOPE_CHROMIUM names, one that is installed, one from the
system's package manager, Playwright's own.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def installed_browser() -> str | None:
    """Return the path of an installed Chromium, None if there is none."""
    named = os.environ.get("LAYERSCOPE_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def install_from_system() -> None:
    """Install Debian's Chromium where this user may."""
    if shutil.which("apt-get") is None:
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        subprocess.run([*prefix, "apt-get", "--quiet", "--quiet", *arguments], check=False)  # noqa: S603 - fixed words


def install_from_playwright() -> bool:
    """Install Playwright's own Chromium; return whether that worked."""
    command = [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603 - fixed words


def main() -> int:
    """Make sure that there is a Chromium."""
    if installed_browser() is None:
        install_from_system()
    path = installed_browser()
    if path is None and not install_from_playwright():
        print("no Chromium: install one and set LAYERSCOPE_CHROMIUM to its path", file=sys.stderr)
        return 1
    print(path or "Playwright's own Chromium")
    return 0


if __name__ == "__main__":
    sys.exit(main())
