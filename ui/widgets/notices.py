"""Boxes that are not answers: a decline, an error, whom to ask instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ui.client import Tenant
from ui.gateway_errors import GatewayError
from ui.i18n import N_, Strings, load, match
from ui.i18n.languages import direction
from ui.widgets.escape import escape_html, prose_html
from ui.widgets.links import new_tab_html

_CONTACT_FIELDS: Final = {"phone": N_("Phone"), "email": N_("Email"), "hours": N_("Hours"), "uri": N_("Website")}


def decline_html(
    text: str,
    strings: Strings,
    tenant: Tenant,
    language: str,
    reason: str = "",
    *,
    looked_for: Sequence[str] = (),
    announced: str = "",
) -> str:
    """A decline: the assistant's own words, what was looked for, then the tenant's contact where those words do not give it already.

    What a safety policy says has no title: whether the documents hold an answer was not looked up. `announced` as in `answer_html`.
    """
    lang = f' lang="{escape_html(language)}"' if language else ""
    heading = f'<div class="vn-box-title">{escape_html(strings.text("No answer in the documents"))}</div>'
    title = "" if reason == "policy" else heading
    label = escape_html(strings.text("Assistant"))
    spoken = f' data-announce="{announced}"' if announced else ""
    return (
        f'<div class="vn-box vn-decline" role="article" aria-label="{label}"{spoken}>{title}'
        f'<div class="vn-box-text" dir="auto"{lang}>{prose_html(text)}</div>{_looked_for_html(looked_for, strings)}'
        f"{_contact_html(text, strings, tenant)}</div>"
    )


def notice_html(strings: Strings, tenant: Tenant, browser: str | None = None) -> str:
    """That an AI system answers: in the interface's language, in the `browser`'s if that is another, and in those of the tenant that the
    interface does not have."""
    spoken_here = dict.fromkeys((strings.tag, match(browser) or strings.tag))
    told = {
        tag: load(tag).text(
            "You are talking to an AI system. It answers only from the documents of {tenant} and shows where every answer comes from. Check the source before you rely on it.",
            tenant=tenant.display_name,
        )
        for tag in spoken_here
    }
    told |= {tag: text for tag, text in tenant.ai_notice.items() if match(tag) is None}
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


def _looked_for_html(terms: Sequence[str], strings: Strings) -> str:
    if not terms:
        return ""
    title = escape_html(strings.text("What I looked for"))
    rows = "".join(f'<li dir="auto">{escape_html(term)}</li>' for term in terms)
    return f'<div class="vn-looked"><b>{title}</b><ul>{rows}</ul></div>'


def _contact_html(said: str, strings: Strings, tenant: Tenant) -> str:
    rows = [
        f"<dt>{escape_html(strings.text(label))}</dt><dd>{_contact_value(field, tenant.contact[field], strings)}</dd>"
        for field, label in _CONTACT_FIELDS.items()
        if tenant.contact.get(field) and tenant.contact[field] not in said
    ]
    free_text = tenant.contact.get("text", "")
    if not rows and (not free_text or free_text in said):
        return ""
    title = tenant.contact.get("name") or free_text or strings.text("People who can help")
    return f'<div class="vn-contact"><b>{escape_html(title)}</b><dl>{"".join(rows)}</dl></div>'


def _contact_value(field: str, value: str, strings: Strings) -> str:
    link = new_tab_html(value, strings) if field == "uri" else ""
    return link or f"<bdi>{escape_html(value)}</bdi>"
