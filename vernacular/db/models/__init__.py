"""The tables, one topic a file."""

from vernacular.db.models.adapter import AdapterRow
from vernacular.db.models.api_key import ApiKeyRow
from vernacular.db.models.approved_answer import ApprovedAnswerRow
from vernacular.db.models.audit import AuditCheckpointRow, AuditEntryRow, AuditHeadRow, AuditSubjectRow
from vernacular.db.models.conversation import ConversationRow, MessageRow
from vernacular.db.models.corpus import CorpusRow
from vernacular.db.models.document import ChunkRow, DocumentRow, DocumentTextRow
from vernacular.db.models.eval_run import EvalRunRow
from vernacular.db.models.feedback import FeedbackRow, QuestionReviewRow
from vernacular.db.models.index_generation import IndexGenerationRow
from vernacular.db.models.job import JobErrorRow, JobRow
from vernacular.db.models.operator import OperatorKeyRow
from vernacular.db.models.prompt import PromptVersionRow
from vernacular.db.models.redteam import RedteamRunRow
from vernacular.db.models.saved_search import SavedSearchRow
from vernacular.db.models.tenant import TenantRow
from vernacular.db.models.usage import UsageRow
from vernacular.db.models.user import GroupMemberRow, GroupRow, LoginFailureRow, SessionRow, UserRow

__all__ = [
    "AdapterRow",
    "ApiKeyRow",
    "ApprovedAnswerRow",
    "AuditCheckpointRow",
    "AuditEntryRow",
    "AuditHeadRow",
    "AuditSubjectRow",
    "ChunkRow",
    "ConversationRow",
    "CorpusRow",
    "DocumentRow",
    "DocumentTextRow",
    "EvalRunRow",
    "FeedbackRow",
    "GroupMemberRow",
    "GroupRow",
    "IndexGenerationRow",
    "JobErrorRow",
    "JobRow",
    "LoginFailureRow",
    "MessageRow",
    "OperatorKeyRow",
    "PromptVersionRow",
    "QuestionReviewRow",
    "RedteamRunRow",
    "SavedSearchRow",
    "SessionRow",
    "TenantRow",
    "UsageRow",
    "UserRow",
]
