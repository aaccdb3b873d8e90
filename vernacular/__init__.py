"""Vernacular: what the gateway, the ingest workers and the front end share."""

__version__ = "0.1.0"
