from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from vernacular.db.migrate import migrate
from vernacular.db.models import TenantRow
from vernacular.db.session import open_database
from vernacular.settings import Settings


class TestErrors:
    def test_do_not_tell_what_a_statement_would_have_written(self, tmp_path: Path) -> None:
        """They go into the log, which holds no tenant's words."""
        database = open_database(Settings(home=tmp_path))
        migrate(database)
        with database.write() as session:
            session.add(TenantRow(slug="taken"))
        with database.read() as session:
            session.add(TenantRow(slug="taken", display_name="What nobody else may read"))
            with pytest.raises(IntegrityError) as raised:
                session.flush()
        database.close()
        assert "What nobody else may read" not in str(raised.value)
