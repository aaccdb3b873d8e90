"""Boxes that are not answers: a decline, an error, whom to ask instead."""

from __future__ import annotations

from typing import Final

from ui.client import Tenant
from ui.gateway_errors import GatewayError
from ui.i18n import N_, Strings, available
from ui.i18n.languages import direction
from ui.widgets.escape import escape_html, prose_html, web_link

_CONTACT_FIELDS: Final = {"phone": N_("Phone"), "email": N_("Email"), "hours": N_("Hours"), "uri": N_("Website")}


def decline_html(text: str, strings: Strings, tenant: Tenant, language: str, reason: str = "") -> str:
    """A decline: the assistant's own words, then the tenant's contact where those words do not give it already.

    What a safety policy says has no title: whether the documents hold an answer was not looked up.
    """
    lang = f' lang="{escape_html(language)}"' if language else ""
    heading = f'<div class="vn-box-title">{escape_html(strings.text("No answer in the documents"))}</div>'
    title = "" if reason == "policy" else heading
    return (
        f'<div class="vn-box vn-decline" role="article">{title}'
        f'<div class="vn-box-text" dir="auto"{lang}>{prose_html(text)}</div>{_contact_html(text, strings, tenant)}</div>'
    )


def notice_html(strings: Strings, tenant: Tenant) -> str:
    """That an AI system answers: in the interface's language, and in those of the tenant that the interface does not have."""
    told = {
        strings.tag: strings.text(
            "You are talking to an AI system. It answers only from the documents of {tenant} and shows where every answer comes from. Check the source before you rely on it.",
            tenant=tenant.display_name,
        )
    }
    spoken = {tag.split("-")[0] for tag in available()}
    told |= {tag: text for tag, text in tenant.ai_notice.items() if tag.split("-")[0] not in spoken}
    texts = "".join(
        f'<p lang="{escape_html(tag)}" dir="{direction(tag)}">{escape_html(text)}</p>' for tag, text in told.items()
    )
    return f'<div class="vn-notice" role="note"><span aria-hidden="true">AI</span><div>{texts}</div></div>'


def error_html(error: GatewayError, strings: Strings) -> str:
    """An error in one sentence and a hint: translated where its name is known, in the gateway's words where not."""
    known = strings.error(error.problem)
    return problem_html(*(known or (error.message, error.hint)))


def problem_html(message: str, hint: str = "") -> str:
    second = f'<div class="vn-box-text">{escape_html(hint)}</div>' if hint else ""
    return f'<div class="vn-box vn-error" role="alert"><div class="vn-box-title">{escape_html(message)}</div>{second}</div>'


def _contact_html(said: str, strings: Strings, tenant: Tenant) -> str:
    rows = [
        f"<dt>{escape_html(strings.text(label))}</dt><dd>{_contact_value(field, tenant.contact[field])}</dd>"
        for field, label in _CONTACT_FIELDS.items()
        if tenant.contact.get(field) and tenant.contact[field] not in said
    ]
    free_text = tenant.contact.get("text", "")
    if not rows and (not free_text or free_text in said):
        return ""
    title = tenant.contact.get("name") or free_text or strings.text("People who can help")
    return f'<div class="vn-contact"><b>{escape_html(title)}</b><dl>{"".join(rows)}</dl></div>'


def _contact_value(field: str, value: str) -> str:
    shown = f"<bdi>{escape_html(value)}</bdi>"
    link = web_link(value) if field == "uri" else None
    return f'<a href="{escape_html(link)}" target="_blank" rel="noopener noreferrer">{shown}</a>' if link else shown
