"""Tell SQLite's planner what a database in use looks like.

Without statistics it takes `tenant_id = ? AND id IN (…)` for a search by tenant, and reads all rows of the tenant.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Rows in all, then rows for each value of the index's first column, of its first two, and so on.
STATISTICS = {
    ("documents", "sqlite_autoindex_documents_1"): "1000000 1",
    ("documents", "sqlite_autoindex_documents_2"): "1000000 100000 10000 1",
    ("documents", "ix_documents_tenant_id"): "1000000 100000",
    ("documents", "ix_documents_listing"): "1000000 100000 2 1",
    ("document_texts", "sqlite_autoindex_document_texts_1"): "1000000 1",
    ("document_texts", "ix_document_texts_tenant_id"): "1000000 100000",
    ("chunks", "sqlite_autoindex_chunks_1"): "5000000 1",
    ("chunks", "ix_chunks_document_id"): "5000000 5",
    ("chunks", "ix_chunks_tenant_id"): "5000000 500000",
    ("messages", "sqlite_autoindex_messages_1"): "1000000 1",
    ("messages", "ix_messages_conversation"): "1000000 6 1",
    ("messages", "ix_messages_tenant_id"): "1000000 100000",
    ("conversations", "sqlite_autoindex_conversations_1"): "200000 1",
    ("conversations", "ix_conversations_tenant_id"): "200000 20000",
    ("jobs", "sqlite_autoindex_jobs_1"): "10000 1",
    ("jobs", "ix_jobs_state"): "10000 100",
    ("jobs", "ix_jobs_tenant_id"): "10000 1000",
    ("job_errors", "sqlite_autoindex_job_errors_1"): "100000 1",
    ("job_errors", "ix_job_errors_job_id"): "100000 10",
    ("job_errors", "ix_job_errors_tenant_id"): "100000 10000",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("ANALYZE")  # makes the table of statistics
    op.execute("DELETE FROM sqlite_stat1")
    table = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    op.bulk_insert(table, [{"tbl": tbl, "idx": idx, "stat": stat} for (tbl, idx), stat in STATISTICS.items()])
    op.execute("ANALYZE sqlite_schema")  # reads them


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM sqlite_stat1")
