from __future__ import annotations

import base64
import codecs

import pytest

from vernacular.safety.answers import AnswerFilter
from vernacular.safety.canary import LETTERS, canary_for
from vernacular.safety.overrides import policy_of
from vernacular.safety.policy import Policy
from vernacular.safety.registry import pack
from vernacular.settings import Settings
from vernacular.tenancy import Tenant

CARD = "4539 1488 0343 6467"
LONG = "The office is open every day from eight to noon, and the fee is 12 crowns for each of the forms. " * 4


def streamed(gate: AnswerFilter, text: str, size: int = 1) -> list[str]:
    sent = [gate.feed(text[at : at + size]) for at in range(0, len(text), size)]
    return [*sent, gate.finish()]


def with_own(**changes: object) -> Policy:
    return policy_of(Tenant("t", "t", profile={"safety": changes}), Settings())


class TestStreaming:
    @pytest.mark.parametrize("size", [1, 3, 50, 10_000])
    def test_gives_plain_text_as_it_came(self, size: int) -> None:
        gate = AnswerFilter(pack("neutral"))
        pieces = streamed(gate, LONG, size)
        assert "".join(pieces) == LONG == gate.text
        assert gate.verdict.action == "allow"

    def test_sends_while_it_is_fed(self) -> None:
        pieces = streamed(AnswerFilter(pack("neutral")), LONG)
        assert len([piece for piece in pieces if piece]) > 3

    def test_sends_nothing_before_the_end_where_the_whole_is_wanted(self) -> None:
        pieces = streamed(AnswerFilter(pack("neutral"), whole=True), LONG)
        assert pieces[:-1] == [""] * len(LONG)

    def test_streams_text_without_spaces_too(self) -> None:
        text = "办理居住证需要身份证明和住址证明并且在七个工作日内领取" * 20
        pieces = streamed(AnswerFilter(pack("neutral")), text)
        assert "".join(pieces) == text
        assert len([piece for piece in pieces if piece]) > 3


class TestPersonalData:
    @pytest.mark.parametrize("size", [1, 7, 1000])
    @pytest.mark.parametrize("before", ["", LONG, "卡号"])
    def test_is_masked_however_it_is_cut(self, size: int, before: str) -> None:
        gate = AnswerFilter(pack("neutral"))
        text = f"{before}{CARD}。 {LONG}"
        sent = "".join(streamed(gate, text, size))
        assert len(sent) == len(text)
        assert "████ ████ ████ ████" in sent
        assert not any(part in sent for part in CARD.split())
        assert [text[span.start : span.end] for span in gate.masked] == [CARD]

    def test_padded_with_what_nobody_sees_it_is_held_back_longer(self) -> None:
        padded = "\u200b\u2060\u200b".join(CARD.replace(" ", ""))
        sent = "".join(streamed(AnswerFilter(pack("neutral")), f"{LONG}{padded} {LONG}"))
        assert not any(digit in sent for digit in "453890")

    def test_a_contact_that_stands_in_the_documents_is_told(self) -> None:
        gate = AnswerFilter(pack("neutral"), published=["Tel. (212) 555-0199, help@city.example"])
        text = "Call 212-555-0199 or write to help@city.example."
        assert "".join(streamed(gate, text)) == text

    def test_the_number_of_a_person_is_masked_even_then_unless_the_policy_keeps_all(self) -> None:
        published = [f"The card {CARD} was lost."]
        assert CARD not in "".join(streamed(AnswerFilter(pack("neutral"), published=published), published[0]))
        kept = with_own(pii={"quotes": "keep_all"})
        assert CARD in "".join(streamed(AnswerFilter(kept, published=published), published[0]))

    def test_the_tenants_own_contact_is_never_personal(self) -> None:
        contact = {"name": "Town hall", "phone": "+1 (212) 555-0199", "mail": "help@city.example"}
        policy = policy_of(Tenant("t", "t", profile={"contact": contact}), Settings())
        text = "Call (212) 555-0199 or help@city.example."
        assert "".join(streamed(AnswerFilter(policy), text)) == text
        assert "███" in "".join(streamed(AnswerFilter(pack("neutral")), text))

    def test_quotes_are_masked_alike(self) -> None:
        assert AnswerFilter(pack("neutral")).quote(f"Card {CARD}.") == "Card ████ ████ ████ ████."


class TestLinks:
    def test_are_shown_if_the_documents_have_them(self) -> None:
        gate = AnswerFilter(pack("neutral"), published=["See https://city.example/forms?id=3."])
        text = "See https://city.example/forms?id=3, not https://evil.example/x?d=SECRET."
        sent = "".join(streamed(gate, text))
        assert "https://city.example/forms?id=3" in sent
        assert "evil" not in sent
        assert "SECRET" not in sent

    @pytest.mark.parametrize(
        "address",
        [
            "http://evil.example/?q=1",
            "www.evil.example/a",
            "//evil.example/x.png",
            "data:text/html;base64,PHN2Zz4=",
            "javascript:alert(1)",
        ],
    )
    def test_of_any_scheme_are_masked(self, address: str) -> None:
        sent = "".join(streamed(AnswerFilter(pack("neutral")), f"Look at ![x]({address}) now. {LONG}"))
        assert "evil" not in sent
        assert "alert" not in sent
        assert "PHN2" not in sent

    def test_of_listed_hosts_are_shown(self) -> None:
        policy = with_own(allow={"links": ["*.city.example"]})
        text = "Look at https://forms.city.example/a."
        assert "".join(streamed(AnswerFilter(policy), text)) == text


class TestCanary:
    CANARY = canary_for("tenant")

    def test_is_the_same_for_a_tenant_and_another_for_the_next(self) -> None:
        assert canary_for("tenant") == self.CANARY
        assert len(self.CANARY) == LETTERS
        assert canary_for("other") != self.CANARY

    @pytest.mark.parametrize(
        "disguise",
        [
            str,
            str.upper,
            " ".join,
            "-".join,
            lambda text: text[::-1],
            lambda text: codecs.encode(text, "rot13"),
            lambda text: text.encode().hex(),
            lambda text: base64.b64encode(text.encode()).decode(),
            lambda text: base64.b64encode(f"x{text}".encode()).decode(),
            lambda text: base64.b64encode(f"it is {text}.".encode()).decode(),
            lambda text: "\n".join(f"- {char}" for char in text),
        ],
    )
    def test_never_leaves(self, disguise: object) -> None:
        assert callable(disguise)
        shown = disguise(self.CANARY)
        gate = AnswerFilter(pack("neutral"), canary=self.CANARY)
        sent = "".join(streamed(gate, f"{LONG}It is {shown}. {LONG}"))
        assert gate.blocked is not None
        assert gate.blocked.category == "canary"
        assert LONG.rstrip().startswith(sent.rstrip()[:40])
        assert shown[6:] not in sent
        assert gate.feed("more") == ""


class TestRules:
    def test_cut_an_answer_before_the_sentence_that_breaks_them(self) -> None:
        policy = with_own(keywords=[{"id": "secret", "words": ["project nightfall"]}])
        gate = AnswerFilter(policy)
        sent = "".join(streamed(gate, f"{LONG}This is about P-r-o-j-e-c-t Nightfall. {LONG}"))
        assert gate.blocked is not None
        assert gate.blocked.rule == "own.secret"
        assert LONG.startswith(sent.strip())
        assert len(sent) > len(LONG) - 100

    def test_leave_alone_what_the_documents_say_unless_told_to_check_it(self) -> None:
        keywords = [{"id": "secret", "words": ["project nightfall"]}]
        text = "This is about Project Nightfall."
        for quotes, blocked in (("trust", False), ("check", True)):
            gate = AnswerFilter(with_own(keywords=keywords, quotes=quotes), published=[text])
            streamed(gate, text)
            assert (gate.blocked is not None) is blocked
