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
