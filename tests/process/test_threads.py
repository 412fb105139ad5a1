import threading
import time

import pytest

from kerasvgg.process.threads import in_threads


def test_results_come_in_order_however_long_each_takes():
    def work(i):
        time.sleep(0.02 * (i % 3 == 0))
        return i * i

    assert list(in_threads(work, range(20), ahead=6)) == [i * i for i in range(20)]


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6])
@pytest.mark.parametrize("ahead", [0, 1, 5, 50])
def test_every_item_gives_one_result(count, ahead):
    assert list(in_threads(str, range(count), ahead)) == list(map(str, range(count)))


def test_only_so_many_items_are_taken_ahead():
    taken = []

    def items():
        for i in range(100):
            taken.append(i)
            yield i

    results = in_threads(lambda i: i, items(), ahead=7)
    for wanted in range(20):
        assert next(results) == wanted
        assert len(taken) == wanted + 8
    results.close()


def test_threads_work_while_the_caller_does():
    started = [threading.Event() for _ in range(4)]

    def work(i):
        started[i].set()
        return threading.current_thread()

    results = in_threads(work, range(4), ahead=2)
    assert next(results) is not threading.main_thread()
    assert all(event.wait(5) for event in started[:3])
    assert not started[3].is_set()
    assert len(list(results)) == 3


def test_an_error_is_raised_in_its_turn():
    results = in_threads(lambda i: 6 // (3 - i), range(10), ahead=5)
    assert [next(results) for _ in range(3)] == [2, 3, 6]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_what_nobody_waits_for_any_more_is_not_begun():
    begun = []
    go = threading.Event()

    def work(i):
        begun.append(i)
        go.wait(5 * (i > 0))

    results = in_threads(work, range(1000), ahead=500)
    next(results)
    threading.Timer(0.1, go.set).start()
    results.close()
    assert len(begun) < 100
