"""Brings the interface's catalogs up to date with the texts in its source: `make messages`.

New texts come in untranslated, those that are gone go. Translate what is left empty in `ui/i18n/locales/*/LC_MESSAGES/messages.po`.
A new language: `python -m docs.update_messages --add TAG`.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

import ui
from ui.i18n.catalog import FILE

_SOURCE: Final = Path(str(ui.__file__)).parent
LOCALES: Final = _SOURCE / "i18n" / "locales"
_PLURALS: Final = {"yue": "nplurals=1; plural=0;", "id": "nplurals=1; plural=0;"}
"""Where Babel knows them less well than the language itself."""
Message = str | tuple[str, ...]


def messages() -> Iterator[tuple[Message, str]]:
    """Every text of the source that people see, and the file that it stands in first.

    By Python's own parser: Babel's extraction does not look into f-strings.
    """
    seen: set[Message] = set()
    for path in sorted(_SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for message in map(_message, sorted(calls, key=lambda call: (call.lineno, call.col_offset))):
            if message and message not in seen:
                seen.add(message)
                yield message, f"ui/{path.relative_to(_SOURCE)}"


def _message(call: ast.Call) -> Message | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    texts = tuple(
        each.value for each in call.args[:2] if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )
    if name in {"text", "N_"} and texts:
        return texts[0]
    return texts if name == "plural" and len(texts) == 2 else None


def catalogs() -> list[Path]:
    return sorted(LOCALES.glob(f"*/LC_MESSAGES/{FILE}"))


def update(path: Path) -> int:
    """Rewrite one catalog; how many texts it has no translation for."""
    with path.open("rb") as file:
        old = read_po(file)
    new = _empty(path.parent.parent.name)
    missing = 0
    for message, file_name in messages():
        known = old.get(message)
        told = known.string if known is not None else ""
        if isinstance(told, tuple):
            told = told[: new.num_plurals]
        missing += not told or (isinstance(told, tuple) and not all(told))
        new.add(message, told or None, locations=[(file_name, 0)])
    with path.open("wb") as file:
        _write(file, new)
    return missing


def add(tag: str) -> None:
    path = LOCALES / tag.replace("-", "_") / "LC_MESSAGES" / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        _write(file, _empty(path.parent.parent.name))


def _write(file: BinaryIO, catalog: Catalog) -> None:
    """With the header that matters and none that changes by itself."""
    file.write(_header(catalog.plural_forms))
    write_po(file, catalog, width=120, omit_header=True, include_lineno=False)


def _empty(name: str) -> Catalog:
    """A catalog of that language, with its number of plural forms."""
    plurals = _PLURALS.get(name, Catalog(locale=name).plural_forms)
    return read_po(BytesIO(_header(plurals)))


def _header(plurals: str) -> bytes:
    header = ["Content-Type: text/plain; charset=utf-8", f"Plural-Forms: {plurals}"]
    lines = "".join(f'"{line}\\n"\n' for line in header)
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode()


def main() -> None:
    parser = argparse.ArgumentParser(description="Bring the interface's catalogs up to date.")
    parser.add_argument("--add", metavar="TAG", help="a language to begin")
    options = parser.parse_args()
    if options.add:
        add(options.add)
    for path in catalogs():
        print(f"{path.parent.parent.name}: {update(path)} untranslated")


if __name__ == "__main__":
    main()
