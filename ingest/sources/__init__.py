"""Where documents come from: files and folders, NDJSON records, product feeds."""

from ingest.sources.items import Batch, Item, Source, SourceError

__all__ = ["Batch", "Item", "Source", "SourceError"]
