"""`vernacular`: the Typer application, and the edge where errors become one clear sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from vernacular import __version__
from vernacular.cli.commands import Commands
from vernacular.errors import BadRequest, VernacularError
from vernacular.settings import get_settings

app = typer.Typer(
    name="vernacular",
    cls=Commands,
    help="Answers people in their own words, and cites every one of them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vernacular {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", help="Print the version.", callback=show_version, is_eager=True),
) -> None:
    """Answers people in their own words, and cites every one of them."""


def run_app() -> int:
    try:
        check_arguments(sys.argv[1:])
        app()
    except VernacularError as error:
        typer.echo(f"vernacular: {error.message}", err=True)
        if error.hint:
            typer.echo(f"  {error.hint}", err=True)
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if get_settings().log_level == "debug":
            raise
        typer.echo(f"vernacular: an unexpected error, {type(error).__name__}: {error}", err=True)
        typer.echo("  This is a bug; VERNACULAR_LOG_LEVEL=debug shows where.", err=True)
        return 1
    return 0


def check_arguments(arguments: Sequence[str]) -> None:
    """
    Raises:
        BadRequest: one of them is bytes that are no text; Python shows those as lone surrogates.
    """
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            shown = os.fsencode(argument).decode("utf-8", "replace")
            raise BadRequest(f"{shown[:80]!r} is not UTF-8.", "Write it in UTF-8; rename a file so named.") from None


def main() -> None:
    """The `vernacular` command."""
    speak_utf8()
    sys.exit(run_app())


def speak_utf8() -> None:
    """Begin anew in UTF-8 mode, children included, where the locale is none that can write every language and path."""
    if sys.getfilesystemencoding() != "utf-8":
        os.putenv("PYTHONUTF8", "1")
        os.execv(sys.executable, [sys.executable, "-m", "vernacular", *sys.argv[1:]])  # noqa: S606
