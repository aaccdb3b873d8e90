"""What the three faces need: feedback, approved answers, saved searches, versions of prompts, pictures of documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_messages_figures": ("messages", ["tenant_id", "role", "created_at"]),
    "ix_documents_updated": ("documents", ["tenant_id", "updated_at"]),
    "ix_documents_begins": ("documents", ["tenant_id", "valid_from"]),
    "ix_documents_ends": ("documents", ["tenant_id", "valid_until"]),
    "ix_jobs_listing": ("jobs", ["tenant_id", "created_at", "id"]),
    "ix_job_errors_listing": ("job_errors", ["tenant_id", "created_at", "id"]),
}
# As 0002_statistics: without them SQLite reads all of a tenant's messages for those of a few conversations.
STATISTICS = {
    ("messages", "ix_messages_figures"): "1000000 100000 50000 1",
    ("documents", "ix_documents_updated"): "1000000 100000 2",
    ("documents", "ix_documents_begins"): "1000000 100000 1000",
    ("documents", "ix_documents_ends"): "1000000 100000 1000",
    ("jobs", "ix_jobs_listing"): "10000 1000 1 1",
    ("job_errors", "ix_job_errors_listing"): "100000 10000 2 1",
    ("feedback", "sqlite_autoindex_feedback_1"): "100000 1",
    ("feedback", "ix_feedback_listing"): "100000 10000 1",
    ("feedback", "ix_feedback_tenant_id"): "100000 10000",
    ("question_reviews", "sqlite_autoindex_question_reviews_1"): "100000 1",
    ("question_reviews", "ix_question_reviews_tenant_id"): "100000 10000",
}


def _tenant() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
    ]


def _moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        _moment("created_at"),
        _moment("handled_at", nullable=True),
        *_tenant(),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("ix_feedback_listing", "feedback", ["tenant_id", "created_at"], unique=False)
    op.create_table(
        "question_reviews",
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("approved_id", sa.String(length=36), nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        _moment("created_at"),
        *_tenant(),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_table(
        "approved_answers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("borrowed", sa.JSON(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        *_tenant(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_approved_answers_listing", "approved_answers", ["tenant_id", "updated_at"], unique=False)
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        _moment("created_at"),
        _moment("seen_at"),
        *_tenant(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "owner_id", "name", name="uq_saved_searches_name"),
    )
    op.create_table(
        "prompt_versions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        _moment("created_at"),
        *_tenant(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "name", "version", name="uq_prompt_versions"),
    )
    for table in ("feedback", "question_reviews", "approved_answers", "saved_searches", "prompt_versions"):
        op.create_index(f"ix_{table}_tenant_id", table, ["tenant_id"], unique=False)
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns, unique=False)
    _tell_planner()
    op.add_column("documents", sa.Column("picture", sa.String(length=64), nullable=True))


def _tell_planner() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    table = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    op.bulk_insert(table, [{"tbl": tbl, "idx": idx, "stat": stat} for (tbl, idx), stat in STATISTICS.items()])
    op.execute("ANALYZE sqlite_schema")  # reads them


def downgrade() -> None:
    op.drop_column("documents", "picture")
    for name, (table, _columns) in INDEXES.items():
        op.drop_index(name, table_name=table)
    for table in ("prompt_versions", "saved_searches", "approved_answers", "question_reviews", "feedback"):
        op.drop_table(table)
