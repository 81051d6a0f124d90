"""What all threads of a process share is made once."""

from threading import Barrier, Event, Thread
from time import sleep

import pytest

from assistant.once import Once


def test_threads_that_come_together_share_what_the_first_makes() -> None:
    made: list[object] = []

    @Once
    def make() -> object:
        sleep(0.05)  # in which the others come
        made.append(object())
        return made[-1]

    together, kept = Barrier(8), list[object]()

    def ask() -> None:
        together.wait()
        kept.append(make())

    threads = [Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(made) == 1
    assert kept == made * 8


def test_only_the_last_result_is_kept() -> None:
    made: list[str] = []

    @Once
    def make(state: str) -> str:
        made.append(state)
        return state

    assert [make(state) for state in ("one", "one", "two", "one")] == ["one", "one", "two", "one"]
    assert made == ["one", "two", "one"]
    make.cache_clear()
    make("one")
    assert made == ["one", "two", "one", "one"]


def test_while_another_result_is_made_the_others_go_on_with_the_present_one() -> None:
    begun, go_on, told = Event(), Event(), list[str]()

    @Once
    def make(state: str) -> str:
        if state == "new":
            begun.set()
            assert go_on.wait(30)
        return state

    assert make("old") == "old"
    maker = Thread(target=lambda: told.append(make("new")))
    maker.start()
    assert begun.wait(30)
    assert make("new") == "old"  # nobody waits
    assert make("old") == "old"
    go_on.set()
    maker.join()
    assert told == ["new"]
    assert make("new") == "new"


def test_what_could_not_be_made_is_made_by_the_next_that_asks() -> None:
    faults = [ValueError("the library is empty")]

    @Once
    def make(state: str) -> str:
        if state == "new" and faults:
            raise faults.pop()
        return state

    assert make("old") == "old"
    with pytest.raises(ValueError, match="empty"):
        make("new")
    assert make("new") == "new"
