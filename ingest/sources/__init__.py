"""Where documents come from: files and folders, NDJSON records, product feeds."""

from ingest.sources.items import Batch, Deletion, Item, Source, SourceError

__all__ = ["Batch", "Deletion", "Item", "Source", "SourceError"]
