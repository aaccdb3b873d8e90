"""A conversation as a file, marked as what it is: in words that people see, and in metadata that programs read."""

from __future__ import annotations

from typing import Any

from serve.conversations.schemas import Conversation, MessageView
from serve.transparency.labels import aigc
from serve.transparency.notices import label
from vernacular.tenancy import Tenant


def as_json(tenant: Tenant, conversation: Conversation) -> dict[str, Any]:
    """The conversation with an implicit label for the whole; each answer carries its own in `details.label`."""
    head = {"label": {"ai_generated": True, "visible": _visible(tenant, conversation), **aigc(tenant, conversation.id)}}
    return {**head, **conversation.model_dump(mode="json")}


def as_markdown(tenant: Tenant, conversation: Conversation) -> str:
    """Front matter with the label, the visible mark at the beginning, then questions and answers with their sources."""
    mark = aigc(tenant, conversation.id)["AIGC"]
    lines = ["---", "ai_generated: true", "AIGC:", *(f'  {field}: "{_quoted(value)}"' for field, value in mark.items())]
    lines += ["---", "", f"**{_visible(tenant, conversation)}**", ""]
    for message in conversation.messages:
        lines += _message(message)
    return "\n".join(lines)


def _message(message: MessageView) -> list[str]:
    if message.role == "user":
        return [*(f"> {line}" for line in message.content.splitlines() or [""]), ""]
    mark = f"*{label(str(message.details.get('language') or ''))}*"
    notes = [
        f"[{note['index']}] {_title(note)}"
        for note in message.details.get("annotations") or []
        if isinstance(note, dict) and "index" in note
    ]
    return [message.content, "", mark, "", *notes, *([""] if notes else [])]


def _title(note: dict[str, Any]) -> str:
    where = f", {note['uri']}" if note.get("uri") else ""
    return f"{note.get('title') or note.get('source_id') or ''}{where}"


def _visible(tenant: Tenant, conversation: Conversation) -> str:
    spoken = (message.details.get("language") for message in conversation.messages if message.role == "assistant")
    return label(str(next((each for each in spoken if each), None) or next(iter(tenant.languages), "en")))


def _quoted(value: str) -> str:
    return " ".join(value.replace("\\", "\\\\").replace('"', '\\"').split())
