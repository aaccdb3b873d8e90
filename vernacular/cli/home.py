"""The folder of all data."""

from __future__ import annotations

import os

from vernacular.errors import InvalidSetting
from vernacular.settings import Settings

HOME_HINT = "Set VERNACULAR_HOME to a folder of yours."


def make_home(settings: Settings) -> None:
    """
    Raises:
        InvalidSetting: the folder of all data cannot be made or written.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InvalidSetting(f"The folder {settings.home} cannot be made: {reason}.", HOME_HINT) from None
    if not os.access(settings.home, os.R_OK | os.W_OK | os.X_OK):
        raise InvalidSetting(f"The folder {settings.home} cannot be written.", HOME_HINT)
