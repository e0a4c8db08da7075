import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError, Lock

import pytest

from dashboard.turns import AT_ONCE, COLLECT, SWITCH_S, share_interpreter, turn


def test_so_many_pages_are_drawn_at_once_and_no_more():
    full, one_more = Barrier(AT_ONCE), Barrier(AT_ONCE + 1)
    at_once, most, counting = 0, 0, Lock()

    def draw():
        nonlocal at_once, most
        with turn():
            with counting:
                at_once += 1
                most = max(most, at_once)
            full.wait(timeout=30)
            with pytest.raises(BrokenBarrierError):
                one_more.wait(timeout=0.2)
            with counting:
                at_once -= 1

    with ThreadPoolExecutor(2 * AT_ONCE) as threads:
        for drawn in [threads.submit(draw) for _ in range(2 * AT_ONCE)]:
            drawn.result()
    assert most == AT_ONCE


def test_a_page_that_ends_in_an_error_gives_its_turn_back():
    for _ in range(2 * AT_ONCE):
        with pytest.raises(RuntimeError), turn():
            raise RuntimeError("a page")


@pytest.fixture
def interpreter():
    before = sys.getswitchinterval(), gc.get_threshold()
    yield
    sys.setswitchinterval(before[0])
    gc.set_threshold(*before[1])
    gc.unfreeze()


def test_the_interpreter_is_shared_in_short_spells(interpreter):  # noqa: ARG001 - set back
    share_interpreter()
    assert sys.getswitchinterval() == pytest.approx(SWITCH_S)
    assert gc.get_threshold() == COLLECT
    assert gc.get_freeze_count() > 0
