"""Processes for what strangers made: bounded memory and time, no network, no files but their libraries."""
