"""How often to try again, and how long to wait before it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime


@dataclass(frozen=True)
class Patience:
    """With a server that fails.

    Attributes
    ----------
    attempts : int
        This many in a row may bring nothing new.
    first_pause_s, longest_pause_s : float
        The pause doubles with each such attempt, up to the longest.
    longest_wait_s : float
        A server that asks for more (Retry-After) is given up.
    stall_s : float
        A connection that is silent for this long has failed.
    sleep : callable
        Takes seconds.
    """

    attempts: int = 6
    first_pause_s: float = 1.0
    longest_pause_s: float = 60.0
    longest_wait_s: float = 300.0
    stall_s: float = 60.0
    sleep: Callable[[float], None] = time.sleep

    def pause(self, vain: int, asked_s: float | None) -> None:
        """Wait as long as the server asked, else as the number of vain attempts in a row says."""
        doubled_s = self.first_pause_s * 2.0 ** max(vain - 1, 0)
        self.sleep(min(doubled_s, self.longest_pause_s) if asked_s is None else asked_s)


def asked_wait_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the Retry-After header asks for (RFC 9110, 10.2.3).

    A date is counted from the server's own clock; what cannot be read is None.
    """
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdecimal():
        return float(asked)
    try:
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(headers["Date"])
    except (KeyError, ValueError, TypeError):
        return None
    return max(wait.total_seconds(), 0.0)
