from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenView, text_of
from tests.ui.fake_gateway import FakeGateway
from tests.ui.fake_settings import PNG, FakeSettings
from ui.views.admin.settings import read_terms


@pytest.fixture
def kept(gateway: FakeGateway) -> FakeSettings:
    topic = FakeSettings()
    gateway.topics.append(topic)
    return topic


@pytest.fixture
def page(open_view: OpenView, kept: FakeSettings) -> AppTest:
    return open_view("settings", role="admin")


def field(page: AppTest, label: str) -> Any:
    kinds = (page.text_input, page.text_area, page.multiselect, page.selectbox, page.toggle)
    return next(each for kind in kinds for each in kind if each.label == label)


def save(page: AppTest, label: str) -> AppTest:
    next(each for each in page.button if each.label == label).click()
    return page.run()


class TestSettings:
    def test_show_what_is_kept(self, page: AppTest) -> None:
        assert not page.exception
        assert field(page, "Name that people see").value == "Harbour"
        assert field(page, "Languages").value == ["zh-Hant", "en"]
        assert field(page, "Dialects and varieties").value == ["yue-Hant-HK"]
        assert field(page, "Phone").value == "555 0100"
        assert field(page, "Your own terms, one on each line").value == "DOG = dog licence"

    def test_name_languages_in_themselves(self, page: AppTest) -> None:
        shown = field(page, "Languages").options
        assert "繁體中文 · zh-Hant" in shown
        assert "Українська · uk" in shown
        assert "廣東話（香港） · yue-Hant-HK" in field(page, "Dialects and varieties").options

    def test_are_saved_part_by_part(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "Greeting").set_value("Welcome!")
        field(page, "Suggested questions, one on each line").set_value("One?\n\n Two? ")
        save(page, "Save greeting and questions")
        assert kept.changes == [
            ("PATCH", "/v1/admin/settings", {"greeting": "Welcome!", "suggested_questions": ["One?", "Two?"]})
        ]
        assert "Saved." in text_of(page)
        assert "Saved." not in text_of(page.run())

    def test_of_languages_and_dialects_go_to_their_places(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "Dialects and varieties").set_value(["yue-Hant-HK", "nan-Hant-TW"])
        save(page, "Save name and languages")
        assert [(path, body) for _, path, body in kept.changes] == [
            ("/v1/admin/dialects/settings", {"dialects": ["yue-Hant-HK", "nan-Hant-TW"]}),
            ("/v1/admin/settings", {"display_name": "Harbour", "languages": ["zh-Hant", "en"]}),
        ]

    def test_do_not_undo_what_somebody_else_changed_meanwhile(self, page: AppTest, kept: FakeSettings) -> None:
        kept.kept |= {"contact": {"phone": "555 0199"}, "glossary": {"DOG": "dog licence", "CAT": "cat licence"}}
        page.session_state["recent"] = {}
        field(page, "Email").set_value("a@example.org")
        save(page, "Save contact")
        field(page, "Your own terms, one on each line").set_value("DOG = dog licence\nP-12 = form")
        save(page, "Save wording")
        assert kept.kept["contact"] == {"phone": "555 0199", "email": "a@example.org"}
        assert kept.kept["glossary"] == {"DOG": "dog licence", "CAT": "cat licence", "P-12": "form"}
        assert field(page, "Phone").value == "555 0199"

    def test_that_two_people_change_are_overwritten_only_once_that_was_told(
        self, page: AppTest, kept: FakeSettings
    ) -> None:
        kept.kept["greeting"] = "Hello from Bo!"
        page.session_state["recent"] = {}
        field(page, "Greeting").set_value("Hello from Ana!")
        save(page, "Save greeting and questions")
        assert kept.kept["greeting"] == "Hello from Bo!"
        assert "Somebody else has changed this" in text_of(page)
        assert "Hello from Bo!" in text_of(page)
        assert field(page, "Greeting").value == "Hello from Ana!"
        save(page, "Save greeting and questions")
        assert kept.kept["greeting"] == "Hello from Ana!"

    def test_that_are_not_saved_yet_outlive_the_saving_of_another_part(self, page: AppTest, kept: FakeSettings) -> None:
        began = field(page, "Greeting").id
        kept.kept["greeting"] = "Hello from Bo!"
        field(page, "Phone").set_value("555 0111")
        save(page, "Save contact")
        assert field(page, "Greeting").id == began, "another field, in which what was typed does not stand"

    def test_keep_the_part_of_a_contact_that_has_no_field(self, page: AppTest, kept: FakeSettings) -> None:
        kept.kept["contact"] = {"text": "Counter 4"}
        page.session_state["recent"] = {}
        page.session_state["opened"] = {}
        page.run()
        field(page, "Website").set_value("https://example.org")
        save(page, "Save contact")
        contact = kept.changes[-1][2]["contact"]
        assert (contact["uri"], contact["text"]) == ("https://example.org", "Counter 4")

    def test_of_the_wording_are_terms_with_meanings(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "Style of address").set_value("formal")
        field(page, "Your own terms, one on each line").set_value("DOG = dog licence\nP-12\n = nothing\n")
        save(page, "Save wording")
        assert kept.changes[-1][2] == {"register": "formal", "glossary": {"DOG": "dog licence", "P-12": ""}}

    def test_say_in_their_place_what_the_gateway_refuses(self, page: AppTest, kept: FakeSettings) -> None:
        kept.refusal = "`contact.uri` must be <b>a web address</b>."
        save(page, "Save contact")
        assert "must be &lt;b&gt;a web address" in text_of(page)
        assert "Saved." not in text_of(page)

    def test_take_no_more_questions_than_there_is_room_for(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "Suggested questions, one on each line").set_value("\n".join("abcdefghijklm"))
        save(page, "Save greeting and questions")
        assert "more than 12 questions" in text_of(page)
        assert kept.changes == []

    def test_are_for_administrators(self, open_view: OpenView, kept: FakeSettings) -> None:
        assert "This page is not for your role." in text_of(open_view("settings", role="editor"))


class TestColour:
    def test_is_shown_on_both_screens_before_it_is_saved(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "A colour of our own").set_value(True)
        page.run()
        page.color_picker[0].set_value("#7A1FA2").run()
        shown = text_of(page)
        assert shown.count("--vn-tenant: #7a1fa2") == 2
        assert "vn-as-light" in shown
        assert "vn-as-dark" in shown
        save(page, "Save colour")
        assert kept.changes == [("PATCH", "/v1/admin/settings", {"branding": {"color": "#7a1fa2"}})]

    def test_that_is_too_light_cannot_be_saved_but_the_nearest_can(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "A colour of our own").set_value(True)
        page.run()
        page.color_picker[0].set_value("#ffcc00").run()
        assert "White text cannot be read on #ffcc00." in text_of(page)
        assert "Save colour" not in [each.label for each in page.button]
        save(page, "Take #8f7300")
        save(page, "Save colour")
        assert kept.changes[-1][2] == {"branding": {"color": "#8f7300"}}

    def test_can_be_given_up(self, page: AppTest, kept: FakeSettings) -> None:
        kept.kept["branding"]["color"] = "#7a1fa2"
        page.session_state["recent"] = {}
        page.session_state["opened"] = {}
        page.session_state["own-color"] = True
        page.run()
        field(page, "A colour of our own").set_value(False)
        page.run()
        save(page, "Save colour")
        assert kept.changes[-1][2] == {"branding": {"color": None}}


class TestLogo:
    def test_is_shown_on_both_screens_before_it_is_saved(self, page: AppTest, kept: FakeSettings) -> None:
        page.file_uploader[0].set_value(("logo.png", PNG, "image/png")).run()
        assert text_of(page).count('src="data:image/png;base64,') == 2
        save(page, "Save logo")
        assert kept.changes == [("PUT", "/v1/admin/settings/logo", PNG)]
        assert "The logo is saved." in text_of(page)

    def test_is_an_image_whatever_it_is_called(self, page: AppTest, kept: FakeSettings) -> None:
        page.file_uploader[0].set_value(("logo.png", b"<svg onload=alert(1)>", "image/png")).run()
        assert "This file cannot be a logo." in text_of(page)
        assert "Save logo" not in [each.label for each in page.button]
        assert "data:" not in text_of(page)

    def test_goes_only_after_asking(self, page: AppTest, kept: FakeSettings) -> None:
        kept.kept["branding"]["logo"] = True
        page.session_state["recent"] = {}
        page.session_state["opened"] = {}
        page.run()
        save(page, "Remove logo")
        assert kept.changes == []
        assert "Remove the logo from all pages?" in text_of(page)
        save(page, "Cancel")
        assert "Remove the logo from all pages?" not in text_of(page)
        save(page, "Remove logo")
        save(page, "Remove it")
        assert kept.changes == [("DELETE", "/v1/admin/settings/logo", b"")]
        assert "The logo is removed." in text_of(page)


class TestTerms:
    def test_are_read_line_by_line_the_later_one_counting(self) -> None:
        assert read_terms("a = b = c\n\n d \na=e") == {"a": "e", "d": ""}
