from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenView, text_of
from tests.ui.fake_gateway import FakeGateway
from tests.ui.fake_settings import FakeSettings, version


@pytest.fixture
def kept(gateway: FakeGateway) -> FakeSettings:
    topic = FakeSettings()
    topic.prompts["persona"] = [
        version(2, "You are Otto.\nBe brief.", "a new name", active=True),
        version(1, "You are Rita.\nBe brief.", author=""),
    ]
    gateway.topics.append(topic)
    return topic


@pytest.fixture
def page(open_view: OpenView, kept: FakeSettings) -> AppTest:
    return open_view("prompts")


def press(page: AppTest, label: str) -> AppTest:
    next(each for each in page.button if each.label == label).click()
    return page.run()


def field(page: AppTest, label: str) -> Any:
    kinds = (page.text_input, page.text_area, page.selectbox, page.checkbox)
    return next(each for kind in kinds for each in kind if each.label == label)


class TestPrompts:
    def test_show_what_is_in_force_and_who_wrote_each_version(self, page: AppTest) -> None:
        assert not page.exception
        assert "Version 2 is in force." in text_of(page)
        labels = [each.label for each in page.expander]
        assert "Ana" in labels[0]
        assert "In force" in labels[0]
        assert "author not known" in labels[1]

    def test_say_how_to_begin_where_there_is_nothing(self, page: AppTest) -> None:
        page.segmented_control[0].set_value("instructions").run()
        assert "Nothing is in force." in text_of(page)
        assert not page.expander
        assert "Compare two versions" not in text_of(page)

    def test_are_not_for_members(self, open_view: OpenView, kept: FakeSettings) -> None:
        assert "This page is not for your role." in text_of(open_view("prompts", role="member"))


class TestWriting:
    def test_saves_a_version_and_puts_it_in_force(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "Text").set_value("You are Mei.")
        field(page, "Why it is changed").set_value("again")
        press(page, "Save version")
        asked = {"text": "You are Mei.", "note": "again", "activate": True}
        assert kept.changes == [("POST", "/v1/admin/prompts/persona", asked)]
        assert "Version 3 is saved and in force" in text_of(page)
        assert "Version 3 is in force." in text_of(page)
        assert field(page, "Why it is changed").value == ""

    def test_can_leave_in_force_what_is(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "Text").set_value("You are Mei.")
        field(page, "Put it in force at once").set_value(False)
        press(page, "Save version")
        assert "Version 3 is saved. It is not in force yet." in text_of(page)
        assert "Version 2 is in force." in text_of(page)

    @pytest.mark.parametrize("text", [" ", "You are Otto.\nBe brief."])
    def test_makes_no_version_of_nothing_new(self, page: AppTest, kept: FakeSettings, text: str) -> None:
        field(page, "Text").set_value(text)
        press(page, "Save version")
        assert kept.changes == []
        assert 'role="alert"' in text_of(page)

    def test_keeps_what_is_written_and_tells_of_a_version_that_somebody_else_saved_meanwhile(
        self, page: AppTest, kept: FakeSettings
    ) -> None:
        kept.prompts["persona"][0]["active"] = False
        kept.prompts["persona"].insert(0, version(3, "You are Kim.", active=True))
        page.session_state["recent"] = {}
        field(page, "Text").set_value("You are Mei.")
        press(page, "Save version")
        assert kept.changes == []
        assert "Somebody else has changed this" in text_of(page)
        assert field(page, "Text").value == "You are Mei."
        press(page, "Save version")
        assert kept.changes[0][2]["text"] == "You are Mei."


class TestRollingBack:
    def test_asks_first(self, page: AppTest, kept: FakeSettings) -> None:
        press(page, "Put version 1 in force")
        assert kept.changes == []
        assert "Have all answers from now on written with this version?" in text_of(page)
        press(page, "Put it in force")
        assert kept.changes == [("PUT", "/v1/admin/prompts/persona/active", {"version": 1})]
        assert "Version 1 is in force from the next question on." in text_of(page)

    def test_can_put_none_in_force(self, page: AppTest, kept: FakeSettings) -> None:
        press(page, "Put none in force")
        press(page, "Put none in force")
        assert kept.changes == [("PUT", "/v1/admin/prompts/persona/active", {"version": None})]
        assert "Nothing is in force." in text_of(page)


class TestDifference:
    def test_is_that_of_the_last_two_side_by_side(self, page: AppTest) -> None:
        shown = text_of(page)
        assert "Lines added: 1. Lines removed: 1." in shown
        assert "<del>You are <b>Rita</b>.</del>" in shown
        assert "<ins>You are <b>Otto</b>.</ins>" in shown

    def test_can_be_shown_one_below_the_other(self, page: AppTest) -> None:
        field(page, "Shown").set_value("unified").run()
        assert "vn-diff-wide" not in text_of(page)
        assert "<del>You are <b>Rita</b>.</del>" in text_of(page)

    def test_is_of_any_two(self, page: AppTest) -> None:
        field(page, "Later version").set_value(1).run()
        assert "Lines added: 0. Lines removed: 0." in text_of(page)

    def test_shows_markup_as_text(self, page: AppTest, kept: FakeSettings) -> None:
        kept.prompts["persona"][0]["text"] = "<img src=http://evil.example/x>"
        page.session_state["recent"] = {}
        page.session_state["opened"] = {}
        assert "<img src=http" not in text_of(page.run())


class TestOlderVersions:
    def test_come_when_asked_for(self, page: AppTest, kept: FakeSettings) -> None:
        kept.prompts["persona"] = [version(number, f"Text {number}.", active=number == 5) for number in range(5, 0, -1)]
        kept.page = 2
        page.session_state["recent"] = {}
        page.session_state["opened"] = {}
        page.run()
        assert len(page.expander) == 2
        press(page, "Show older versions")
        assert len(page.expander) == 4
        press(page, "Show older versions")
        assert len(page.expander) == 5
        assert "Show older versions" not in [each.label for each in page.button]
