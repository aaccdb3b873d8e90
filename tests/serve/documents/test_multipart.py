from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serve.documents.multipart import MAX_FILES, MultipartReader
from serve.documents.upload import clean_name
from vernacular.errors import BadRequest

FORM = (
    b'--b\r\nContent-Disposition: form-data; name="source"\r\n\r\ncrm\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'
    b"one\r\ntwo\r\n--b--\r\n"
)


def read(body: bytes, folder: Path, size: int = 1000) -> MultipartReader:
    with MultipartReader("multipart/form-data; boundary=b", folder) as reader:
        for start in range(0, len(body), size):
            reader.write(body[start : start + size])
        reader.finish()
    return reader


class TestMultipartReader:
    @pytest.mark.parametrize("size", [1, 2, 7, 1000])
    def test_reads_the_same_however_the_body_is_cut(self, tmp_path: Path, size: int) -> None:
        reader = read(FORM, tmp_path, size)
        assert reader.fields == {"source": "crm"}
        (file,) = reader.files
        assert (file.filename, file.media_type, file.size) == ("a.txt", "text/plain", 8)
        assert file.path.read_bytes() == b"one\r\ntwo"

    @pytest.mark.parametrize("end", range(1, len(FORM) - 8, 9))
    def test_refuses_a_body_that_ends_too_early(self, tmp_path: Path, end: int) -> None:
        with pytest.raises(BadRequest, match="cannot be read"):
            read(FORM[:end], tmp_path)

    def test_refuses_more_files_than_one_request_may_hold(self, tmp_path: Path) -> None:
        part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nx\r\n'
        with pytest.raises(BadRequest, match="more than 1000 files"):
            read(part * (MAX_FILES + 1) + b"--b--\r\n", tmp_path, 100_000)

    @given(body=st.binary(max_size=400))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_refuses_anything_that_is_no_form(self, tmp_path: Path, body: bytes) -> None:
        with pytest.raises(BadRequest, match="cannot be read"):
            read(b"--b\r\n" + body, tmp_path)


class TestCleanName:
    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("a.txt", "a.txt"),
            ("../../etc/passwd", "etc/passwd"),
            ("/etc/passwd", "etc/passwd"),
            ("C:\\docs\\a.txt", "C:/docs/a.txt"),
            ("a\x00b\n.txt", "ab.txt"),
            ("..", "file"),
            ("", "file"),
            ("数" * 900 + ".pdf", "数" * 496 + ".pdf"),
        ],
    )
    def test_keeps_the_name_and_nothing_that_leads_elsewhere(self, sent: str, kept: str) -> None:
        assert clean_name(sent) == kept
