"""The worker's side of what can be watched and taken home: what is stored beside a run's findings."""

import gzip
import json
from typing import Any

from assistant.runs.tables import ReplayRow


def replay_of(run_id: str, result: Any) -> ReplayRow:  # noqa: ANN401 - web processes never load its type
    """Return what of a result can be watched, with the templates of the code to take home."""
    from models import export, registry  # noqa: PLC0415 - only the worker and the library load experiments
    from models.plan_settings import settings_of  # noqa: PLC0415

    experiment = registry.find(result.experiment)
    scripts = {}
    for name, cohort in experiment.watched(result).items():
        script = export.script(
            cohort.plan,
            experiment=result.experiment,
            seed=result.seed,
            settings=settings_of(experiment, result.hyperparameters, cohort.plan.name),
        )
        scripts[name] = {"script": script, "notebook": export.notebook(script)}
    packed = gzip.compress(json.dumps(scripts).encode(), 1, mtime=0)
    return ReplayRow(run_id=run_id, recording=experiment.recording(result, run_id), scripts=packed)
