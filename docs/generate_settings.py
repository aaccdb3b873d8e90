"""Prints docs/settings.md from the settings tree: `python -m docs.generate_settings > docs/settings.md`."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from vernacular.settings import Settings


def fields(model: type[BaseModel], prefix: str = "VERNACULAR_") -> Iterator[tuple[str, FieldInfo]]:
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from fields(info.annotation, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}", info


def document() -> str:
    lines = [
        "# Settings",
        "",
        "Every setting is an environment variable. None is needed for the embedded mode.",
        "",
        "Secrets may lie in files instead: `VERNACULAR_SECRETS_DIR` names a folder in which each file is called as the variable is, such as",
        "`VERNACULAR_SQL__URL`. Passwords and keys that everybody knows, and those shorter than eight characters, are refused.",
        "",
        "| variable | default | what it does |",
        "|---|---|---|",
    ]
    for variable, info in fields(Settings):
        default = "(none)" if info.default in (None, "") else info.default
        lines.append(f"| `{variable}` | `{default}` | {info.description} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(), end="")
