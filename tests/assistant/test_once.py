"""What all threads of a process share is made once."""

from threading import Barrier, Thread
from time import sleep

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
