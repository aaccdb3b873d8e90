"""Fetching what someone else named: over http(s), from public addresses alone, within limits.

`check_url` says at once whether an address may be fetched at all; `Fetcher` fetches it.
"""

from vernacular.fetching.addresses import may_connect
from vernacular.fetching.fetcher import Fetched, Fetcher
from vernacular.fetching.urls import WebUrl, check_url

__all__ = ["Fetched", "Fetcher", "WebUrl", "check_url", "may_connect"]
