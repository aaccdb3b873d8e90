"""What the tests of the dashboard's views for figures and control share."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.ui.conftest import text_of


def shown(page: AppTest) -> str:
    """All HTML of a page, charts too."""
    return "\n".join([text_of(page), *(block.value for block in page.markdown)])


def press(page: AppTest, key: str) -> AppTest:
    """The button of that key; of a form, by the form's own key, too."""
    page.button(key=key).click()
    return page.run()
