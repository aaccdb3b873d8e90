"""All rows of the matrix: one for each route, or more. A new route's goes into the file of `rows` that it belongs to."""

from __future__ import annotations

from typing import Final

from tests.isolation.rows.administration import ADMINISTRATION
from tests.isolation.rows.content import CONTENT
from tests.isolation.rows.documents import DOCUMENTS
from tests.isolation.rows.faces import FACES
from tests.isolation.rows.people import PEOPLE
from tests.isolation.rows.platform import PLATFORM
from tests.isolation.rows.row import Row
from tests.isolation.rows.widget import WIDGET

ROWS: Final[tuple[Row, ...]] = (*PLATFORM, *CONTENT, *PEOPLE, *ADMINISTRATION, *DOCUMENTS, *FACES, *WIDGET)
