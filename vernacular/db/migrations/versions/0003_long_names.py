"""Take long names of sources and documents on PostgreSQL: its indexes hold 2,704 bytes a row, and ids are unique anyway."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("uq_documents_source", "documents")


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.create_unique_constraint("uq_documents_source", "documents", ["tenant_id", "source", "source_id"])
