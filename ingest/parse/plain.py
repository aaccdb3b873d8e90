"""Plain text, kept as written, and Markdown, whose HTML and images are taken out."""

from __future__ import annotations

from ingest.clean import sanitise
from ingest.describe import split_front_matter
from ingest.parse.draft import Draft, Part, text_draft
from ingest.parse.encoding import decode
from ingest.parse.markdown_cleaning import cleaned_markdown


def read_text(data: bytes, filename: str) -> Draft:
    return text_draft(decode(data), markdown=False)


def read_markdown(data: bytes, filename: str) -> Draft:
    """Markdown with an optional YAML front matter; raises InvalidRecord when a field in it cannot be understood."""
    description, text = split_front_matter(sanitise(decode(data)))
    return Draft((Part(cleaned_markdown(text)),), description=description)
