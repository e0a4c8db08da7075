import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from dashboard.turns import COLLECT, SWITCH_S, Turns, share_interpreter


def test_one_page_is_drawn_after_the_other():
    turns, at_once, most, counting = Turns(alone_s=60.0), 0, 0, Lock()

    def draw(_: int):
        nonlocal at_once, most
        with turns.turn():
            with counting:
                at_once += 1
                most = max(most, at_once)
            time_to_intrude.wait(0.01)
            with counting:
                at_once -= 1

    time_to_intrude = Event()  # never set: as long as drawing takes
    with ThreadPoolExecutor(8) as threads:
        assert len(list(threads.map(draw, range(24)))) == 24
    assert most == 1


def test_a_page_that_takes_long_lets_the_next_one_begin():
    turns, next_one = Turns(alone_s=0.05), Event()

    def draw_next():
        with turns.turn():
            next_one.set()

    with ThreadPoolExecutor(1) as threads:
        with turns.turn():
            following = threads.submit(draw_next)
            assert next_one.wait(timeout=30)
        following.result()


def test_a_page_that_took_long_ends_nobodys_turn_but_its_own():
    turns, begun, may_end, third = Turns(alone_s=2.0), Event(), Event(), Event()

    def draw_second():
        with turns.turn():
            begun.set()
            may_end.wait(timeout=30)

    def draw_third():
        with turns.turn():
            third.set()

    with ThreadPoolExecutor(2) as threads:
        with turns.turn():
            second = threads.submit(draw_second)
            assert begun.wait(timeout=30)
        last = threads.submit(draw_third)
        assert not third.wait(timeout=0.1)
        may_end.set()
        assert third.wait(timeout=30)
        second.result(), last.result()


def test_a_page_that_ends_in_an_error_gives_its_turn_back():
    turns = Turns(alone_s=60.0)
    for _ in range(3):
        with pytest.raises(RuntimeError), turns.turn():
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
