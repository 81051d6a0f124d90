"""All checks, in the order in which one mends what they find."""

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

from assistant.config import Settings
from assistant.database import explain_error
from assistant.doctor.diagnosis import Diagnosis, failed
from assistant.doctor.installation import (
    disk_diagnosis,
    encoding_diagnosis,
    folder_diagnosis,
    fonts_diagnosis,
    languages_diagnosis,
    settings_diagnoses,
    vectors_diagnosis,
)
from assistant.doctor.public_address import public_diagnoses
from assistant.doctor.service import (
    Seen,
    clock_diagnosis,
    database_diagnosis,
    fit_diagnosis,
    library_diagnosis,
    migration_diagnosis,
    stored_fit_diagnosis,
    worker_diagnosis,
)

WHERE = "see DATABASE_URL, DATA_DIR, and whether its server runs; `flask --app wsgi restore` a backup of a damaged one"


def cheap_diagnoses(settings: Settings, seen: Seen) -> Iterator[Diagnosis]:
    """Yield what takes milliseconds, of a database that can be used and is migrated."""
    yield library_diagnosis(seen)
    yield worker_diagnosis(seen)
    yield vectors_diagnosis()
    yield stored_fit_diagnosis()
    yield languages_diagnosis()
    yield clock_diagnosis()
    yield folder_diagnosis(settings)
    yield disk_diagnosis(settings)


def all_diagnoses(settings: Settings) -> Iterator[Diagnosis]:
    """Yield what each check finds; those of a database that cannot be used, or is not migrated, end with that."""
    yield from settings_diagnoses(settings)
    yield folder_diagnosis(settings)
    yield disk_diagnosis(settings)
    try:
        yield from _of_database()
    except DBAPIError as error:
        said, _, why = explain_error(error).partition(": ")
        yield failed("database", f"{said} ({why})", WHERE)
    for check in (vectors_diagnosis, encoding_diagnosis, languages_diagnosis, fonts_diagnosis):
        yield check()
    yield from public_diagnoses(settings)


def _of_database() -> Iterator[Diagnosis]:
    for check in (migration_diagnosis, database_diagnosis):
        found = check()
        yield found
        if found.state == "failed":
            return
    seen = Seen.now()
    yield clock_diagnosis()
    yield library_diagnosis(seen)
    yield fit_diagnosis()
    yield worker_diagnosis(seen)
