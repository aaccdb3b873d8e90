"""What Alembic runs for each command: migrations on the connection that `vernacular.db.migrate` hands over."""

from __future__ import annotations

from alembic import context

import vernacular.db.models  # noqa: F401  (the tables register themselves)
from vernacular.db.base import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
