"""Runs of tenants' evaluation questions; and what a person wishes for in a conversation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('eval_runs',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('standard', sa.String(length=35), nullable=False),
    sa.Column('questions', sa.Integer(), nullable=False),
    sa.Column('asked', sa.Boolean(), nullable=False),
    sa.Column('took_s', sa.Float(), nullable=False),
    sa.Column('version', sa.String(length=40), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('outcomes', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tenant_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_eval_runs_listing', 'eval_runs', ['tenant_id', 'created_at'], unique=False)
    op.create_index('ix_eval_runs_tenant_id', 'eval_runs', ['tenant_id'], unique=False)
    op.add_column('conversations', sa.Column('preferences', sa.JSON(), nullable=False, server_default='{}'))


def downgrade() -> None:
    op.drop_column('conversations', 'preferences')
    op.drop_table('eval_runs')
