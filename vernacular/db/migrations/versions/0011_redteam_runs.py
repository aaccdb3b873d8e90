"""Runs of attacks against assistants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('redteam_runs',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('assistant', sa.String(length=100), nullable=False),
    sa.Column('suites', sa.JSON(), nullable=False),
    sa.Column('version', sa.String(length=40), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('report', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tenant_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_redteam_runs_listing', 'redteam_runs', ['tenant_id', 'created_at'], unique=False)
    op.create_index('ix_redteam_runs_tenant_id', 'redteam_runs', ['tenant_id'], unique=False)


def downgrade() -> None:
    op.drop_table('redteam_runs')
