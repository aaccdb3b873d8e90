"""Text in pictures, by the Tesseract command line where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess

from ingest.parse.draft import Draft, text_draft
from vernacular.errors import UnreadableFile, UnsupportedFile

_TIMEOUT = 25
_SPACED_HAN = re.compile("(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")
_HOW_TO = (
    "To read pictures install Tesseract with the languages you need, e.g. `apt-get install tesseract-ocr"
    " tesseract-ocr-ara tesseract-ocr-chi-tra`, and send the file again."
)


def available() -> bool:
    return shutil.which("tesseract") is not None


def unavailable(reason: str) -> UnsupportedFile:
    return UnsupportedFile(f"{reason}, and no text recognition (OCR) is installed.", _HOW_TO)


def read_image(data: bytes, filename: str) -> Draft:
    """Raises UnsupportedFile, which says how to install OCR, and UnreadableFile."""
    if not available():
        raise unavailable(f"`{filename}` is a picture")
    return text_draft(recognise(data), markdown=False)


def recognise(image: bytes) -> str:
    """The text of a picture in any format that Tesseract reads, in all the languages it has. Raises UnreadableFile."""
    command = ["tesseract", "stdin", "stdout", "-l", "+".join(_languages())]
    try:
        done = subprocess.run(command, input=image, capture_output=True, timeout=_TIMEOUT, check=True)
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile("Recognising the text of a picture took too long.", "Send a smaller picture.") from error
    except subprocess.CalledProcessError as error:
        raise UnreadableFile("The picture is damaged or of a kind that OCR cannot read.", "Save it as PNG.") from error
    return _SPACED_HAN.sub("", done.stdout.decode("utf-8", "replace"))


def _languages() -> list[str]:
    done = subprocess.run(["tesseract", "--list-langs"], capture_output=True, timeout=_TIMEOUT, check=True)
    names = done.stdout.decode("utf-8", "replace").split("\n")[1:]
    return [name for name in map(str.strip, names) if name and name not in ("osd", "equ")] or ["eng"]
