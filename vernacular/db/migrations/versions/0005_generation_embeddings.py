"""Let each generation of an index say which embedding model it was made with, and the dimension of its vectors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("index_generations", sa.Column("embedding", sa.String(120), nullable=False, server_default=""))
    op.add_column("index_generations", sa.Column("dense_size", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("index_generations", "dense_size")
    op.drop_column("index_generations", "embedding")
