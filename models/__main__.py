"""The command line: ``python -m models list``, ``run NAME`` and ``export NAME``."""

import argparse
import io
import json
import os
import secrets
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NoReturn

from models import registry
from models.data_table import csv_text
from models.experiment import MOST_NETWORKS, NETWORKS, BadInputError, Experiment, Result, allowed
from models.figures import Figure
from models.findings import Label, Share
from models.loading import load_engine

BAD_INPUT = 2  # exit status
LONG_RUN = 1.0  # seconds after which a run reports its progress
FAMILY = 12  # rows of one family of findings in the table for people


class Parser(argparse.ArgumentParser):
    """A parser that says a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        """Print the message and exit."""
        self.exit(BAD_INPUT, f"{self.prog}: {' '.join(message.split())}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # whatever the terminal's encoding lacks
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except BadInputError as error:
        print(f"python -m models: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("\npython -m models: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def _parser() -> Parser:
    parser = Parser(prog="python -m models", description="Train many small networks and measure what they learn.")
    commands = parser.add_subparsers(dest="name_of_command", required=True, metavar="list|run|export")
    listing = commands.add_parser("list", help="list the experiments and their parameters")
    listing.add_argument("--json", action="store_true", help="print JSON, with schemas, findings and code hashes")
    listing.set_defaults(command=_list)
    run = commands.add_parser("run", help="run one experiment")
    run.add_argument("name", metavar="NAME", help="an experiment, as `list` names it")
    run.add_argument("--networks", type=_whole("networks"), default=NETWORKS, metavar="N", help="how many to train")
    run.add_argument("--seed", type=_whole("seed"), metavar="S", help="repeats a run; drawn at random unless given")
    run.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="set one parameter; may be repeated"
    )
    run.add_argument("--json", metavar="FILE", help="write the findings as JSON; - for standard output")
    run.add_argument("--figures", type=Path, metavar="DIR", help="draw the figures into a folder, as SVG and PNG")
    run.set_defaults(command=_run)
    export = commands.add_parser("export", help="write one network of an experiment as Keras code")
    export.add_argument("name", metavar="NAME", help="an experiment, as `list` names it")
    export.add_argument("--seed", type=_whole("seed"), required=True, metavar="S", help="the seed of the run")
    export.add_argument("--network", type=_whole("network"), default=0, metavar="K", help="which one; 0 unless given")
    export.add_argument("--cohort", metavar="NAME", help="which training of the experiment; the first unless given")
    export.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="as for run")
    export.add_argument(
        "--format", choices=("keras", "notebook", "csv"), default="keras", help="a script, a notebook, or the data"
    )
    export.set_defaults(command=_export)
    return parser


def _whole(name: str) -> Any:  # noqa: ANN401 - argparse takes any callable here
    """Return a reader of whole numbers that names the argument in its message."""

    def read(text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{name} must be a whole number, not {text!r}") from None

    return read


def _list(options: argparse.Namespace) -> int:
    described = [registry.describe(name) for name in registry.names()]
    if options.json:
        print(json.dumps(described, indent=2, allow_nan=False))
        return 0
    for each in described:
        print(f"{each['name']}\n    {each['title']}.\n{textwrap.indent(textwrap.fill(each['summary'], 100), '    ')}")
        for key, schema in each["parameters"]["properties"].items():
            print(f"      {key} = {schema['default']}: {schema['description']}; {allowed(schema)}")
        print()
    return 0


def _run(options: argparse.Namespace) -> int:
    experiment = registry.find(options.name)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    hyperparameters = experiment.validate(_settings(options.set), options.networks, seed)
    if options.figures is not None:
        _make_folder(options.figures)
    if options.json not in {None, "-"}:
        _write_json(options.json, "")  # before training, so that nothing is trained in vain
    load_engine()  # takes seconds, for which bad input need not wait
    result = experiment.execute(hyperparameters, networks=options.networks, seed=seed, progress=_reporter())
    if options.figures is not None:
        began = perf_counter()
        written = [path for figure in experiment.figures(result) for path in _write(figure, options.figures)]
        result.seconds["figures"] = round(perf_counter() - began, 4)
        print(*(f"wrote {path}" for path in written), sep="\n", file=sys.stderr)
    text = json.dumps(result.to_json(), indent=2, ensure_ascii=options.json == "-", allow_nan=False)
    if options.json == "-":
        print(text)
        return 0
    if options.json is not None:
        _write_json(options.json, text + "\n")
    _print(experiment, result)
    return 0


def _export(options: argparse.Namespace) -> int:
    from models import export  # noqa: PLC0415 - the notebook's library is loaded only where it is asked for
    from models.plan_settings import settings_of  # noqa: PLC0415

    experiment = registry.find(options.name)
    if not 0 <= options.network < MOST_NETWORKS:
        raise BadInputError(f"network must be from 0 to {MOST_NETWORKS - 1:,}, not {options.network}")
    hyperparameters = experiment.validate(_settings(options.set), 1, options.seed)
    plans = {plan.name: plan for plan in experiment.plans(hyperparameters)}
    if options.cohort is not None and options.cohort not in plans:
        raise BadInputError(f"{options.name} trains no {options.cohort!r}: one of {', '.join(plans)}")
    plan = plans[options.cohort] if options.cohort else next(iter(plans.values()))
    if plan.members is not None and options.network not in plan.members:
        raise BadInputError(f"{plan.name} has the networks 0 to {len(plan.members) - 1}, not {options.network}")
    if options.format == "csv":
        print(csv_text(plan.lab.data), end="")
        return 0
    settings = settings_of(experiment, hyperparameters, plan.name)
    template = export.script(plan, experiment=options.name, seed=options.seed, settings=settings)
    text = export.notebook(template) if options.format == "notebook" else template
    print(export.fill(text, options.network, export.starting_arrays(plan, options.seed, options.network, plans)))
    return 0


def _settings(pairs: Sequence[str]) -> dict[str, Any]:
    """Read ``KEY=VALUE`` pairs; a value is JSON where it can be read as JSON, and a text elsewhere."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise BadInputError(f"--set takes KEY=VALUE, not {pair!r}")
        try:
            found[key] = json.loads(value)
        except (ValueError, RecursionError):  # no JSON, or a number or nesting beyond all measure
            found[key] = value
    return found


def _write_json(name: str, text: str) -> None:
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"cannot write {name}: {error.strerror}") from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"cannot make the folder {folder}: {error.strerror}") from None


def _write(figure: Figure, folder: Path) -> list[Path]:
    """Write one figure as SVG, as PNG for light and dark pages, and its words; return the paths."""
    from models.figures import style  # noqa: PLC0415 - drawing is loaded only where it is asked for

    table = "\n".join("\t".join(row) for row in (figure.table.columns, *figure.table.rows))
    contents = {
        ".svg": style.svg(figure),
        ".png": style.png(figure),
        ".dark.png": style.png(figure, style.DARK),
        ".txt": f"{figure.title}\n\n{figure.alternative}\n\n{figure.caption}\n\n{table}\n".encode(),
    }
    paths = []
    for ending, content in contents.items():
        paths.append(folder / f"{figure.name}{ending}")
        try:
            paths[-1].write_bytes(content)
        except OSError as error:
            raise BadInputError(f"cannot write {paths[-1]}: {error.strerror}") from None
    return paths


def _reporter() -> Any:  # noqa: ANN401
    """Return a function that reports the share done on standard error once a run takes long."""
    began, last = perf_counter(), -1

    def report(share: float) -> None:
        nonlocal last
        percent = int(share * 100)
        if perf_counter() - began > LONG_RUN and percent > last:
            last = percent
            live = sys.stderr.isatty()
            if live or percent % 10 == 0:
                print(
                    f"\rtraining: {percent} %" if live else f"training: {percent} %",
                    end="" if live else "\n",
                    file=sys.stderr,
                    flush=True,
                )
            if live and percent == 100:
                print(file=sys.stderr)

    return report


def _print(experiment: Experiment[Any], result: Result) -> None:
    """Print a result as a table for people; families of findings are cut to what happened."""
    print(f"{experiment.title}\n{result.networks} networks, seed {result.seed}\n")
    for name, words in result.setup.items():
        print(textwrap.fill(f"{name}: {words}", 100, initial_indent="  ", subsequent_indent="      "))
    print()
    rows = [row for family in _families(result).values() for row in family]
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, value, label in rows:
        print(f"  {name:<{width}}  {value:<26}  {label}")
    seconds = result.seconds
    print(f"\n  {seconds['train']:.2f} s training, {seconds['compile']:.2f} s compiling")


def _families(result: Result) -> dict[str, list[tuple[str, str, str]]]:
    """Return the rows of the table by family: name, value, label."""
    families: dict[str, list[tuple[str, str, str]]] = {}
    hidden: dict[str, int] = {}
    for name, finding in sorted(result.findings.items(), key=_rank):
        family = name.partition(".")[0]
        rows = families.setdefault(family, [])
        absent = isinstance(finding, Share) and not finding.count and "|" in name
        if absent or len(rows) >= FAMILY:
            hidden[family] = hidden.get(family, 0) + 1
        else:
            rows.append((name, _value(finding), finding.label))
    for family, count in hidden.items():
        families[family].append((f"{family}.…", f"{count} more", "with --json"))
    return families


def _rank(item: tuple[str, Any]) -> tuple[bool, float]:
    """Order the members of a family of pairs: shares by their count, numbers from the smallest; all else stays."""
    name, finding = item
    if "|" not in name or isinstance(finding, Label):
        return False, 0.0
    return True, -finding.count if isinstance(finding, Share) else (finding.value or 0.0)


def _value(finding: Any) -> str:  # noqa: ANN401
    """Print one finding's value: a share with its denominator and interval, a number with its unit."""
    if finding.value is None:
        return f"none (of {finding.of})" if isinstance(finding, Share) else "none"
    if isinstance(finding, Share):
        return f"{finding.words} ({finding.interval})"
    return f"{finding.value:.4g} {finding.unit}" if finding.kind == "quantity" else str(finding.value)


if __name__ == "__main__":
    sys.exit(main())
