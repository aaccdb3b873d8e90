"""Accounts, sessions, groups, operators; what keys are limited to; whom a conversation is with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('operator_keys',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('prefix', sa.String(length=16), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('digest')
    )
    op.create_table('login_failures',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('digest')
    )
    op.create_table('groups',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('external_id', sa.String(length=255), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tenant_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('tenant_id', 'name', name='uq_groups_name')
    )
    op.create_index('ix_groups_tenant_id', 'groups', ['tenant_id'], unique=False)
    op.create_table('users',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('username', sa.String(length=200), nullable=False),
    sa.Column('display_name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('must_change', sa.Boolean(), nullable=False),
    sa.Column('issuer', sa.String(length=400), nullable=True),
    sa.Column('external_id', sa.String(length=255), nullable=True),
    sa.Column('suspended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_login_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tenant_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('tenant_id', 'issuer', 'external_id', name='uq_users_external'),
    sa.UniqueConstraint('tenant_id', 'username', name='uq_users_username')
    )
    op.create_index('ix_users_tenant_id', 'users', ['tenant_id'], unique=False)
    op.create_table('group_members',
    sa.Column('group_id', sa.String(length=36), nullable=False),
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('tenant_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['groups.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('group_id', 'user_id')
    )
    op.create_index('ix_group_members_tenant_id', 'group_members', ['tenant_id'], unique=False)
    op.create_index('ix_group_members_user_id', 'group_members', ['user_id'], unique=False)
    op.create_table('sessions',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tenant_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('digest')
    )
    op.create_index('ix_sessions_tenant_id', 'sessions', ['tenant_id'], unique=False)
    op.create_index('ix_sessions_user_id', 'sessions', ['user_id'], unique=False)
    op.add_column('api_keys', sa.Column('kind', sa.String(length=10), nullable=False, server_default='key'))
    op.add_column('api_keys', sa.Column('scopes', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('api_keys', sa.Column('origins', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('api_keys', sa.Column('assistant', sa.String(length=100), nullable=True))
    op.add_column('api_keys', sa.Column('replaces', sa.String(length=36), nullable=True))
    op.add_column('api_keys', sa.Column('created_by', sa.String(length=100), nullable=False, server_default=''))
    op.add_column('api_keys', sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('conversations', sa.Column('subject', sa.String(length=64), nullable=False, server_default=''))
    op.create_index('ix_conversations_subject', 'conversations', ['subject'], unique=False)
    op.execute("ALTER TABLE conversations RENAME COLUMN api_key_id TO owner_id")


def downgrade() -> None:
    op.execute("ALTER TABLE conversations RENAME COLUMN owner_id TO api_key_id")
    op.drop_index('ix_conversations_subject', 'conversations')
    op.drop_column('conversations', 'subject')
    op.drop_column('api_keys', 'last_used_at')
    op.drop_column('api_keys', 'created_by')
    op.drop_column('api_keys', 'replaces')
    op.drop_column('api_keys', 'assistant')
    op.drop_column('api_keys', 'origins')
    op.drop_column('api_keys', 'scopes')
    op.drop_column('api_keys', 'kind')
    op.drop_table('sessions')
    op.drop_table('group_members')
    op.drop_table('users')
    op.drop_table('groups')
    op.drop_table('login_failures')
    op.drop_table('operator_keys')
