"""The worker process: one thread that executes runs, TensorFlow warm, and a sweep every minute."""

import logging
import signal
import threading
from types import FrameType

from flask import Flask
from huey import crontab

from assistant import queue
from assistant.database import db
from assistant.library.queries import published as published_entries
from assistant.runs import queries
from assistant.runs.execute import look

log = logging.getLogger(__name__)


def serve(app: Flask) -> None:
    """Execute runs until the process is told to stop; a run that is under way then is put back."""
    from models.loading import load_engine  # noqa: PLC0415 - only the worker may load the experiments

    stop = threading.Event()
    huey = queue.make(app.config["SETTINGS"])

    @huey.task(name=queue.LOOK)
    def look_task() -> None:
        look(app, stop.is_set)

    @huey.periodic_task(crontab(minute="*"), name="sweep")
    def sweep_task() -> None:
        with app.app_context():
            if queries.sweep():
                look_task()

    with app.app_context():
        queries.sweep()
        for entry in queries.entries_without_runs():
            if entry.published is not None:
                queries.enqueue(entry.published)
        db.session.commit()
    load_engine()
    huey.storage.flush_queue()  # what waited in it is in the runs table
    look_task()
    consumer = huey.create_consumer(workers=1, initial_delay=0.02, backoff=1.0, max_delay=0.1, shutdown_timeout=8)
    consumer.start()

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    warmer = threading.Thread(target=_warm, args=(app, stop), name="warm-up", daemon=True)
    warmer.start()
    log.info("worker ready for runs")
    stop.wait()
    consumer.stop(graceful=True)


def _warm(app: Flask, stop: threading.Event) -> None:
    """Compile the library's programs in the background, so that nobody waits for a compiler."""
    from models import registry  # noqa: PLC0415

    with app.app_context():
        names = [row.published.experiment for row in published_entries() if row.published is not None]
        db.session.remove()
    for name in dict.fromkeys(names):
        if stop.is_set():
            return
        experiment = registry.find(name)
        experiment.execute(experiment.check({"steps": 1}, 1, 0), networks=1, seed=0)
    log.info("worker warm: every program of the library is compiled")
