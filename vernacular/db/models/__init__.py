"""The tables, one topic a file."""

from vernacular.db.models.adapter import AdapterRow
from vernacular.db.models.api_key import ApiKeyRow
from vernacular.db.models.conversation import ConversationRow, MessageRow
from vernacular.db.models.corpus import CorpusRow
from vernacular.db.models.document import ChunkRow, DocumentRow, DocumentTextRow
from vernacular.db.models.eval_run import EvalRunRow
from vernacular.db.models.index_generation import IndexGenerationRow
from vernacular.db.models.job import JobErrorRow, JobRow
from vernacular.db.models.tenant import TenantRow

__all__ = [
    "AdapterRow",
    "ApiKeyRow",
    "ChunkRow",
    "ConversationRow",
    "CorpusRow",
    "DocumentRow",
    "DocumentTextRow",
    "EvalRunRow",
    "IndexGenerationRow",
    "JobErrorRow",
    "JobRow",
    "MessageRow",
    "TenantRow",
]
