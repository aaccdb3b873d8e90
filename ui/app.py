"""The front end's script, run by Streamlit for each visit and each click."""

from __future__ import annotations

import streamlit as st

from ui.navigation import pages
from ui.widgets import meanwhile

page = st.navigation(list(pages().values()), position="hidden")
meanwhile.enter(page.url_path)
page.run()
