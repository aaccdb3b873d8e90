"""The page about access, held against what it describes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from vernacular.access.issuers import OidcIssuer

PAGE = (Path(__file__).parent.parent.parent / "docs" / "access.md").read_text(encoding="utf-8")


def test_every_setting_of_a_provider_is_told() -> None:
    assert not [name for name in OidcIssuer.model_fields if f"`{name}`" not in PAGE]


def test_every_example_is_a_setting_that_is_taken() -> None:
    examples = re.findall(r"VERNACULAR_ACCESS__OIDC='(.*?)'", PAGE, re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        for provider in json.loads(example):
            assert OidcIssuer(**provider).client_id
