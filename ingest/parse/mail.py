"""E-mail: subject, the people, the date and the body; attachments by name only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from ingest.parse.draft import Draft, text_draft
from ingest.parse.encoding import decode
from ingest.parse.html import plain_markdown
from ingest.parse.tables import record_lines
from vernacular.errors import EncryptedFile, UnreadableFile

_FIELDS = ("From", "To", "Cc", "Date", "Subject")
_ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")


def read_mail(data: bytes, filename: str) -> Draft:
    """Raises EncryptedFile for S/MIME and PGP, UnreadableFile for what has neither a header nor a body."""
    message = message_from_bytes(data, EmailMessage, policy=policy.default)
    if message.get_content_type() in _ENCRYPTED:
        raise EncryptedFile(f"`{filename}` is an encrypted message.", "Decrypt it and send the plain message.")
    header = {name: _header(message, name) for name in _FIELDS}
    body = "\n\n".join(text for part in _bodies(message) if (text := _text(part).strip()))
    if not body and not header["Subject"]:
        raise UnreadableFile(f"`{filename}` holds no e-mail that can be read.", "Save the message again as .eml.")
    names = [name for each in message.walk() if isinstance(each, EmailMessage) and (name := _attachment(each))]
    top = record_lines([*header.items(), ("Attachments", ", ".join(names))])
    return text_draft(f"{top}\n\n{body}", markdown=True, title=header["Subject"], metadata=_metadata(message, header))


def _bodies(message: EmailMessage) -> Iterator[EmailMessage]:
    """Of alternatives the plain one, else the HTML one; of mixed parts all, forwarded messages included."""
    kind = message.get_content_type()
    if kind == "multipart/alternative":
        parts = [part for part in message.iter_parts() if isinstance(part, EmailMessage)]
        plain = [part for part in parts if part.get_content_type() == "text/plain" and _text(part).strip()]
        for part in plain[:1] or parts[-1:]:
            yield from _bodies(part)
    elif message.is_multipart():
        for each in message.iter_parts():
            if isinstance(each, EmailMessage):
                yield from _bodies(each)
    elif kind in ("text/plain", "text/html") and message.get_content_disposition() != "attachment":
        yield message


def _text(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    text = decode(payload, part.get_content_charset())
    return plain_markdown(text) if part.get_content_type() == "text/html" else _unquoted(text)


def _unquoted(text: str) -> str:
    """Format=flowed soft breaks and quote marks cost search its words; a lone `#` or `|` at a line's start is kept."""
    return re.sub(r"^(?:> ?)+", "", text, flags=re.MULTILINE)


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (
        ValueError,
        IndexError,
        AttributeError,
        LookupError,
        TypeError,
    ):  # the parser of broken headers breaks itself
        raw = dict(message.raw_items()).get(name, "")
        return " ".join(str(raw).split())


def _attachment(part: EmailMessage) -> str | None:
    try:
        return part.get_filename()
    except (ValueError, IndexError, AttributeError, LookupError, TypeError):
        return None


def _metadata(message: EmailMessage, header: dict[str, str]) -> dict[str, str]:
    metadata = {name.lower(): header[name] for name in ("From", "To", "Cc") if header[name]}
    with suppress(ValueError, TypeError):
        metadata["date"] = parsedate_to_datetime(header["Date"]).date().isoformat()
    return metadata
