from __future__ import annotations

from ui.client import Tenant
from ui.i18n import load
from ui.widgets.notices import decline_html, notice_html

NOTICES = {"sw": "Mfumo wa AI <b>", "zh-Hant": "人工智慧", "ar": "ذكاء"}


class TestNotice:
    def test_is_in_the_interfaces_language_and_in_what_the_interface_does_not_have(self) -> None:
        shown = notice_html(load("en"), Tenant("harbour", "Harbour", ("sw", "zh-Hant"), ai_notice=NOTICES))
        assert "You are talking to an AI system" in shown
        assert 'lang="sw"' in shown
        assert "人工智慧" not in shown

    def test_is_also_in_the_language_of_the_browser(self) -> None:
        shown = notice_html(load("en"), Tenant("harbour", "Harbour"), "es-MX")
        assert 'lang="en"' in shown
        assert 'lang="es"' in shown
        assert 'lang="es"' not in notice_html(load("en"), Tenant("harbour", "Harbour"), "xx-XX")

    def test_is_not_said_twice_for_a_variety_of_a_language_of_the_interface(self) -> None:
        told = {"cmn-Hans-x-sichuan": "人工智能", "arz-Arab-EG": "ذكاء"}
        assert notice_html(load("en"), Tenant("harbour", "Harbour", ai_notice=told)).count("<p") == 1

    def test_is_shown_as_text(self) -> None:
        shown = notice_html(load("ar"), Tenant("harbour", "<i>Harbour</i>", ai_notice=NOTICES))
        assert "<b>" not in shown
        assert "<i>" not in shown
        assert 'dir="rtl"' in shown


class TestDecline:
    def test_speaks_of_documents_only_where_they_were_searched(self) -> None:
        strings, tenant = load("en"), Tenant("harbour", "Harbour")
        nothing_found = decline_html("I looked.", strings, tenant, "en", "no_evidence")
        refused = decline_html("I cannot help with that.", strings, tenant, "en", "policy")
        assert strings.text("No answer in the documents") in nothing_found
        assert strings.text("No answer in the documents") not in refused
        assert "help with that" in refused

    def test_says_what_was_looked_for_as_text(self) -> None:
        html = decline_html("I looked.", load("en"), Tenant("harbour", "Harbour"), "en", looked_for=["<i>jar</i>"])
        assert "What I looked for" in html
        assert '<li dir="auto">&lt;i&gt;jar&lt;/i&gt;</li>' in html
