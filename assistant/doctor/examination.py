"""All checks, in the order in which one mends what they find."""

from collections.abc import Callable, Iterator

from sqlalchemy.exc import DBAPIError

from assistant.config import Settings
from assistant.database import explain_error
from assistant.doctor.finding import Finding, failed
from assistant.doctor.installation import (
    disk_finding,
    encoding_finding,
    folder_finding,
    fonts_finding,
    languages_finding,
    settings_findings,
    vectors_finding,
)
from assistant.doctor.public_address import public_findings
from assistant.doctor.service import (
    clock_finding,
    database_finding,
    fit_finding,
    library_finding,
    migration_finding,
    worker_finding,
)

OF_DATABASE: tuple[Callable[[], Finding], ...] = (
    migration_finding,
    database_finding,
    clock_finding,
    library_finding,
    fit_finding,
    worker_finding,
)

WHERE = "see DATABASE_URL, DATA_DIR, and whether its server runs; `flask --app wsgi restore` a backup of a damaged one"


def cheap_findings(settings: Settings) -> Iterator[Finding]:
    """Yield what takes milliseconds, of a database that can be used and is migrated."""
    yield library_finding()
    yield worker_finding()
    yield vectors_finding()
    yield clock_finding()
    yield folder_finding(settings)
    yield disk_finding(settings)


def all_findings(settings: Settings) -> Iterator[Finding]:
    """Yield what each check finds; those of a database that cannot be used, or is not migrated, end with that."""
    yield from settings_findings(settings)
    yield folder_finding(settings)
    yield disk_finding(settings)
    try:
        for check in OF_DATABASE:
            found = check()
            yield found
            if found.name in {"database", "migrations"} and found.state == "failed":
                break
    except DBAPIError as error:
        said, _, why = explain_error(error).partition(": ")
        yield failed("database", f"{said} ({why})", WHERE)
    for check in (vectors_finding, encoding_finding, languages_finding, fonts_finding):
        yield check()
    yield from public_findings(settings)
