import threading

import pytest

from pipeline.extraction.overlap import ahead, behind


def one(_item):
    return 1.0


@pytest.mark.parametrize("room", [0, 1, 3, 100])
@pytest.mark.parametrize("threads", [1, 4])
def test_results_come_in_the_order_of_the_items(room, threads):
    found = ahead(range(20), lambda item: item**2, size=one, room=float(room), threads=threads)
    assert list(found) == [item**2 for item in range(20)]
    assert list(behind(range(20), lambda item: item**2, room=room)) == [i**2 for i in range(20)]


def test_no_more_is_taken_ahead_than_there_is_room_for():
    taken = []

    def items():
        for size in (3, 3, 3, 50, 1, 1):
            taken.append(size)
            yield size

    found = ahead(items(), lambda size: size, size=float, room=7.0, threads=2)
    assert next(found) == 3
    assert taken == [3, 3, 3]
    assert next(found) == 3
    assert taken == [3, 3, 3, 50]
    # One larger than the room is taken when its turn comes.
    assert list(found) == [3, 50, 1, 1]


def test_work_ahead_is_done_before_it_is_asked_for():
    done = [threading.Event() for _ in range(3)]
    found = ahead(range(3), lambda item: done[item].set(), size=one, room=2.0, threads=1)
    next(found)
    assert done[1].wait(60)


def test_an_error_ahead_comes_in_its_turn():
    def work(item):
        return 1 / item

    found = ahead([1, 2, 0, 4], work, size=one, room=10.0, threads=2)
    assert [next(found), next(found)] == [1, 0.5]
    with pytest.raises(ZeroDivisionError):
        next(found)


def test_an_error_behind_stops_the_run_and_what_was_made_before_is_done():
    seen = []

    def work(item):
        if item == 2:
            raise OSError("the disk is gone")
        seen.append(item)

    with pytest.raises(OSError, match="the disk is gone"):
        list(behind(range(4), work, room=1))
    assert seen[:2] == [0, 1]


def test_items_are_made_while_work_goes_on_behind():
    made, first_works = threading.Event(), threading.Event()

    def items():
        yield 0
        assert first_works.wait(60)
        made.set()
        yield 1

    def work(item):
        first_works.set()
        return made.wait(60) if item == 0 else True

    assert list(behind(items(), work, room=1)) == [True, True]


def test_no_more_wait_behind_than_there_is_room_for():
    go_on, made = threading.Event(), []

    def items():
        for item in range(6):
            made.append(item)
            if item == 3:
                go_on.set()
            yield item

    found = behind(items(), lambda _item: go_on.wait(60), room=3)
    assert next(found)
    assert len(made) == 4
    found.close()


def test_a_run_that_is_closed_leaves_no_thread():
    found = ahead(range(9), lambda item: item, size=one, room=3.0, threads=3)
    next(found)
    found.close()
    written = behind(range(9), lambda item: item, room=3)
    next(written)
    written.close()
    names = [each.name for each in threading.enumerate()]
    assert not [name for name in names if name.startswith(("ahead", "behind"))]
