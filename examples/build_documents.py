"""Builds the binary and mark-up documents of the demo tenants from the Markdown sources beside this script.

`_sources/TENANT/NAME.EXT.md` becomes `TENANT/documents/NAME.EXT` (html, pdf, docx, pptx, xlsx or eml) and its
front matter `NAME.EXT.meta.json`. Building twice gives the same bytes, apart from PDF files, whose layout
depends on the version of Chromium. `draw_products.py` draws the pictures of the shop's products. The built files are committed: only a person who edits the content runs this.

Needs, in an environment of its own (the product itself uses none of these to read the files):

    pip install PyYAML python-docx python-pptx openpyxl Pillow
    apt-get install chromium fonts-noto-core fonts-droid-fallback

    python examples/build_documents.py [TENANT ...]
"""

from __future__ import annotations

import html
import importlib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import yaml
from draw_products import draw_products

EXAMPLES = Path(__file__).resolve().parent
SOURCES = EXAMPLES / "_sources"
STAMP = datetime(2026, 7, 1, 9, 0, 0, tzinfo=UTC)
MAIL_KEYS = ("from", "to", "date", "subject")
META_KEYS = ("title", "uri", "language", "groups", "valid_from", "valid_until")
PICTURED = "shuguo"
RIGHT_TO_LEFT = ("ar", "he", "fa", "ur")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list or table; `level` is a heading's; `rows` are a table's, the first its header."""

    kind: str
    text: str = ""
    level: int = 0
    items: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A source file, read: its front matter and its blocks in order."""

    front: dict[str, Any]
    blocks: tuple[Block, ...]

    @property
    def language(self) -> str:
        return str(self.front["language"])

    @property
    def title(self) -> str:
        return str(self.front["title"])

    @property
    def right_to_left(self) -> bool:
        return self.language.split("-")[0] in RIGHT_TO_LEFT


def read_source(path: Path) -> Source:
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return Source(front=yaml.safe_load(head), blocks=tuple(read_blocks(body)))


def read_blocks(body: str) -> Iterator[Block]:
    """The blocks of a small Markdown: headings, paragraphs, lists and pipe tables, parted by empty lines."""
    for part in re.split(r"\n\s*\n", body.strip()):
        lines = [line.strip() for line in part.splitlines()]
        heading = re.match(r"(#+) (.*)", lines[0])
        if heading:
            yield Block("heading", text=heading[2], level=len(heading[1]))
        elif lines[0].startswith("|"):
            yield Block("table", rows=tuple(read_row(line) for line in lines if not re.fullmatch(r"[|\-: ]+", line)))
        elif lines[0].startswith("- "):
            yield Block("bullets", items=tuple(line.removeprefix("- ") for line in lines))
        elif re.match(r"1\. ", lines[0]):
            yield Block("steps", items=tuple(re.sub(r"^\d+\. ", "", line) for line in lines))
        else:
            yield Block("paragraph", text="\n".join(lines))


def read_row(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip("|").split("|"))


def html_block(block: Block) -> str:
    if block.kind == "heading":
        return f"<h{block.level}>{html.escape(block.text, quote=False)}</h{block.level}>"
    if block.kind == "paragraph":
        return f"<p>{html.escape(block.text, quote=False)}</p>"
    if block.kind == "table":
        head, *rows = block.rows
        lines = [html_row(head, "th"), *(html_row(row, "td") for row in rows)]
        return "<table>\n" + "\n".join(lines) + "\n</table>"
    tag = "ol" if block.kind == "steps" else "ul"
    items = "\n".join(f"<li>{html.escape(item, quote=False)}</li>" for item in block.items)
    return f"<{tag}>\n{items}\n</{tag}>"


def html_row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell, quote=False)}</{tag}>" for cell in cells) + "</tr>"


def html_page(source: Source, style: str = "") -> str:
    """A page as a site would serve it: the navigation and footer of the front matter around the content."""
    direction = ' dir="rtl"' if source.right_to_left else ""
    links = "".join(f'<li><a href="#">{html.escape(item)}</a></li>' for item in source.front.get("navigation", ()))
    navigation = f"<nav><ul>{links}</ul></nav>\n" if links else ""
    footer = f"<footer><p>{html.escape(source.front['footer'])}</p></footer>\n" if "footer" in source.front else ""
    body = "\n".join(html_block(block) for block in source.blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="{source.language}"{direction}>\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(source.title)}</title>\n{style}</head>\n<body>\n"
        f"{navigation}<main>\n{body}\n</main>\n{footer}</body>\n</html>\n"
    )


def build_html(source: Source) -> bytes:
    return html_page(source).encode()


PRINT_STYLE = """<style>
@page { size: A4; margin: 20mm 18mm; }
body { font: 11pt/1.6 FONTS, sans-serif; font-synthesis: none; }
h1 { font-size: 18pt; } h2 { font-size: 13pt; break-after: avoid; }
table { border-collapse: collapse; width: 100%; margin: 8pt 0; } tr { break-inside: avoid; }
th, td { border: 0.6pt solid #777; padding: 4pt 6pt; text-align: start; }
</style>
"""
FONTS = {
    "zh-Hant": "'Noto Sans', 'Droid Sans Fallback'",
    "zh-Hans": "'Noto Sans', 'Droid Sans Fallback'",
    "ar": "'Noto Naskh Arabic'",
}


def build_pdf(source: Source) -> bytes:
    """Printed by Chromium, which embeds subsets of the fonts; its dates are set to a fixed day."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("No chromium on the path: apt-get install chromium fonts-noto-core fonts-droid-fallback")
    style = PRINT_STYLE.replace("FONTS", FONTS.get(source.language, "'Noto Sans'"))
    with tempfile.TemporaryDirectory() as folder:
        page, printed = Path(folder, "page.html"), Path(folder, "page.pdf")
        page.write_text(html_page(source, style), encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={folder}"]
        command = [chromium, *options, f"--print-to-pdf={printed}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        data = printed.read_bytes()
    fixed = STAMP.strftime("%Y%m%d%H%M%S").encode()
    return re.sub(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}", rb"\g<1>" + fixed, data)


def build_docx(source: Source) -> bytes:
    document = importlib.import_module("docx").Document()
    set_properties(document.core_properties, source)
    for block in source.blocks:
        if block.kind == "heading":
            document.add_heading(block.text, block.level)
        elif block.kind == "paragraph":
            document.add_paragraph(block.text)
        elif block.kind == "table":
            table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
            for row in block.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        else:
            for item in block.items:
                document.add_paragraph(item, style="List Number" if block.kind == "steps" else "List Bullet")
    return saved(document.save)


def build_pptx(source: Source) -> bytes:
    """A slide for each heading, its blocks as paragraphs of the slide's body, its tables as tables."""
    presentation = importlib.import_module("pptx").Presentation()
    set_properties(presentation.core_properties, source)
    for heading, blocks in sections(source):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = heading
        body = slide.placeholders[1]
        tables = [block.rows for block in blocks if block.kind == "table"]
        body.text_frame.text = "\n".join(
            text for block in blocks if block.kind != "table" for text in (block.items or (block.text,))
        )
        for rows in tables:
            left, top, width = body.left, body.top + body.height // 2, body.width
            shape = slide.shapes.add_table(len(rows), len(rows[0]), left, top, width, body.height // 3)
            for y, row in enumerate(rows):
                for x, text in enumerate(row):
                    shape.table.cell(y, x).text = text
    return saved(presentation.save)


def build_xlsx(source: Source) -> bytes:
    """A sheet for each heading: text in the first column, tables as rows, numbers as numbers."""
    workbook = importlib.import_module("openpyxl").Workbook()
    set_properties(workbook.properties, source)
    workbook.remove(workbook.active)
    for heading, blocks in sections(source):
        sheet = workbook.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", heading)[:31])
        sheet.sheet_view.rightToLeft = source.right_to_left
        for block in blocks:
            for row in block.rows or [(text,) for text in block.items or (block.text,)]:
                sheet.append([float(cell) if re.fullmatch(r"\d+\.\d+", cell) else as_int(cell) for cell in row])
    return saved(workbook.save)


def as_int(cell: str) -> int | str:
    return int(cell) if re.fullmatch(r"0|[1-9]\d*", cell) else cell


def build_eml(source: Source) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = source.front["from"], source.front["to"]
    message["Subject"] = source.front["subject"]
    message["Date"] = format_datetime(source.front["date"])
    identifier, domain = source.front["uri"].rsplit("/", 1)[-1], source.front["uri"].split("/")[2]
    message["Message-ID"] = f"<{identifier}@{domain}>"
    message.set_content("\n\n".join("\n".join(plain_lines(block)) for block in source.blocks) + "\n", cte="base64")
    return message.as_bytes(policy=SMTP)


def plain_lines(block: Block) -> list[str]:
    if block.kind == "table":
        return [" | ".join(row) for row in block.rows]
    return [f"- {item}" for item in block.items] or [block.text]


def sections(source: Source) -> list[tuple[str, list[Block]]]:
    found: list[tuple[str, list[Block]]] = []
    for block in source.blocks:
        if block.kind == "heading":
            found.append((block.text, []))
        else:
            found[-1][1].append(block)
    return [section for section in found if section[1]]


def set_properties(properties: Any, source: Source) -> None:
    properties.title, properties.language = source.title, source.language
    properties.created = properties.modified = STAMP


def saved(save: Callable[[io.BytesIO], None]) -> bytes:
    """The bytes of an Office file, repacked so that its zip entries carry a fixed time."""
    written, packed = io.BytesIO(), io.BytesIO()
    save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = re.sub(
                rb"(<dcterms:modified[^>]*>)[^<]*",
                rb"\g<1>" + STAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode(),
                old.read(name),
            )
            new.writestr(zipfile.ZipInfo(name, STAMP.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


BUILDERS: dict[str, Callable[[Source], bytes]] = {
    "html": build_html,
    "pdf": build_pdf,
    "docx": build_docx,
    "pptx": build_pptx,
    "xlsx": build_xlsx,
    "eml": build_eml,
}


def sidecar(source: Source) -> str:
    """The `.meta.json` of a built file: what a Markdown file would say in its front matter."""
    hidden = {*MAIL_KEYS, "navigation", "footer"}
    known = {key: source.front[key] for key in META_KEYS if key in source.front}
    rest = {key: value for key, value in source.front.items() if key not in META_KEYS and key not in hidden}
    record = {**known, **({"metadata": rest} if rest else {})}
    return json.dumps(record, ensure_ascii=False, indent=2, default=iso_day) + "\n"


def iso_day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a sidecar")


def main(tenants: Sequence[str]) -> None:
    for folder in sorted(path for path in SOURCES.iterdir() if path.is_dir()):
        if tenants and folder.name not in tenants:
            continue
        documents = EXAMPLES / folder.name / "documents"
        documents.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.glob("*.*.md")):
            source, target = read_source(path), documents / path.stem
            target.write_bytes(BUILDERS[target.suffix[1:]](source))
            target.with_name(target.name + ".meta.json").write_text(sidecar(source), encoding="utf-8")
            print(target.relative_to(EXAMPLES), target.stat().st_size)
        if folder.name == PICTURED:
            draw_products()


if __name__ == "__main__":
    main(sys.argv[1:])
