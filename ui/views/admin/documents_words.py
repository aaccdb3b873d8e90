"""Words for states and stages of jobs, and for what goes wrong with a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ui.desk import Desk
from ui.gateway.jobs import Job
from ui.gateway_errors import GatewayError
from ui.i18n import N_, Strings
from ui.views.admin.words import word
from ui.widgets.notices import error_html, problem_html
from ui.widgets.table import Tone

STATES: Final = {
    "queued": N_("Waiting"),
    "running": N_("Running"),
    "succeeded": N_("Done"),
    "partial": N_("Done in part"),
    "failed": N_("Failed"),
    "cancelled": N_("Cancelled"),
}
TONES: Final[Mapping[str, Tone]] = {"succeeded": "good", "partial": "warn", "failed": "bad", "cancelled": "warn"}
STAGES: Final = {
    "queued": N_("Waiting for its turn"),
    "reading": N_("Looking what there is"),
    "parsing": N_("Reading the files"),
    "indexing": N_("Making it findable"),
    "finishing": N_("Finishing"),
}
_AGAIN: Final = N_("Open it in its own program, save or export it again, and send it once more.")
PROBLEMS: Final = {
    "unreadable_file": (N_("The file is damaged or not what its name says."), _AGAIN),
    "empty_file": (N_("The file is empty."), N_("Send the file that you meant, or leave this one out.")),
    "encrypted_file": (N_("The file is locked by a password."), N_("Remove the password and send it again.")),
    "unsupported_file": (
        N_("Files of this kind cannot be read here."),
        N_("Export it as PDF, Word, HTML or plain text. Scans and photos need OCR, which your operator can install."),
    ),
    "parser_timeout": (N_("Reading the file took too long."), N_("Split it into smaller files and send these.")),
    "parser_crashed": (N_("The file could not be read without harm."), _AGAIN),
    "too_large": (N_("It is too large."), N_("Split it into smaller parts and send these.")),
    "invalid_record": (
        N_("A record or a description is not as it should be."),
        N_("Correct what the message names, and send it again."),
    ),
    "fetch_failed": (
        N_("The address could not be reached."),
        N_("See whether it opens in a browser, then run the job again."),
    ),
    "fetch_refused": (
        N_("This address is not fetched from."),
        N_("Ask your operator to allow the host, or send the page as a file."),
    ),
    "page_gone": (N_("The page is no longer there."), N_("Delete its document if it no longer holds.")),
    "quota_exceeded": (N_("There is no room for it."), N_("Delete documents, or ask your operator for more room.")),
    "deletions_skipped": (
        N_("What the source no longer has was kept, as not all of it could be read."),
        N_("Correct what could not be read, and send all of it again."),
    ),
    "images_not_described": (
        N_("Images came in without a description."),
        N_("Run the job again when the model that looks at images is up."),
    ),
    "pictures_missing": (
        N_("Products came in without their picture."),
        N_("Correct the addresses or names of pictures in the feed, and send it again."),
    ),
}
NEEDS_ANOTHER: Final = frozenset(
    {"unreadable_file", "empty_file", "encrypted_file", "too_large", "invalid_record", "page_gone", "deletions_skipped"}
)
"""Problems that running the same again does not solve."""
_UNKNOWN: Final = (N_("It could not be taken in."), N_("Run the job again; if it lasts, tell your operator."))


def problem_words(strings: Strings, name: str) -> tuple[str, str]:
    """What happened, and what to do about it."""
    what, then = PROBLEMS.get(name, _UNKNOWN)
    return strings.text(what), strings.text(then)


def job_name(desk: Desk, job: Job) -> str:
    """What a person would call it: its files, or what it does."""
    strings = desk.strings
    if job.kind == "reindex":
        return strings.text("Building the search index anew")
    if not job.names:
        return job.source or strings.text("Documents")
    more = job.items - 1
    if not more:
        return job.names[0]
    shown = desk.formats.number(more)
    return strings.plural("{name} and {n} more", "{name} and {n} more", more, shown=shown, name=job.names[0])


def stage_words(strings: Strings, job: Job) -> str:
    if job.cancel_requested and not job.ended:
        return strings.text("Stopping after what is under way")
    return word(strings, STAGES, job.stage)


def refusal_html(error: GatewayError, strings: Strings) -> str:
    """An error of what was sent: the common words for some names speak of questions."""
    if error.problem == "too_large":
        return problem_html(*problem_words(strings, "too_large"))
    return error_html(error, strings)
