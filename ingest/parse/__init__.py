"""Files to Documents: `parse` in this process, `ingest.parse.sandbox.SandboxedParser` in a bounded one."""

from ingest.parse.registry import parse

__all__ = ["parse"]
