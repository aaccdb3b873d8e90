"""What principals use, by day, and what documents take."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('usage',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('principal', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('requests', sa.BigInteger(), nullable=False),
    sa.Column('refused', sa.BigInteger(), nullable=False),
    sa.Column('prompt_tokens', sa.BigInteger(), nullable=False),
    sa.Column('completion_tokens', sa.BigInteger(), nullable=False),
    sa.Column('tenant_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('tenant_id', 'day', 'principal', name='uq_usage_day')
    )
    op.create_index('ix_usage_day', 'usage', ['day'], unique=False)
    op.create_index('ix_usage_tenant_id', 'usage', ['tenant_id'], unique=False)
    op.add_column('documents', sa.Column('bytes', sa.BigInteger(), nullable=False, server_default='0'))
    op.execute('UPDATE documents SET bytes = characters')  # near enough for documents that were there before


def downgrade() -> None:
    op.drop_column('documents', 'bytes')
    op.drop_table('usage')
