"""The front end's navigation, run by Streamlit for each visit and each click."""

from __future__ import annotations

import streamlit as st

from ui.views import home

st.navigation([st.Page(home.show, title="Vernacular", default=True)], position="hidden").run()
