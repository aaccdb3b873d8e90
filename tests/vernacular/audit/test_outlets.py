from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest

from tests.vernacular.audit.logbook import ADMIN, Logbook, asked
from vernacular.audit.events import Actor, Event
from vernacular.audit.outlets import Syslog, append_lines, siem_line, syslog_message
from vernacular.errors import InvalidSetting

HOSTILE = 'a\r\n<14>1 forged\x1b[31m\u202e\u2028\x85]"\\'


class TestJsonLines:
    def test_tell_all_that_stands_in_clear_and_no_content(self, tmp_path: Path) -> None:
        book = Logbook.open(tmp_path / "home", jsonl=tmp_path / "siem.jsonl")
        book.record(asked("something private", trace_id="t-1"), Event("key.created", ADMIN))
        book.log.later(book.tenant, Event("login.refused", Actor("anonymous"), decision="refused"))
        book.close()
        lines = [json.loads(line) for line in (tmp_path / "siem.jsonl").read_text().splitlines()]
        assert [line["event"] for line in lines] == ["chat.asked", "key.created", "login.refused"]
        assert {line["tenant"] for line in lines} == {"acme"}
        assert lines[0]["facts"] == {"trace_id": "t-1"}
        assert "ciphertext" not in lines[0]

    def test_hold_no_character_that_could_end_a_line_or_steer_a_terminal(self, book: Logbook, tmp_path: Path) -> None:
        book.record(Event("login.refused", Actor("anonymous", role=HOSTILE), facts={"name": HOSTILE}))
        line = siem_line("acme", book.lines[0])
        assert re.fullmatch(r"[ -~]+", line)
        assert json.loads(line)["facts"]["name"] == HOSTILE
        append_lines(tmp_path / "siem.jsonl", [line, line])
        assert len((tmp_path / "siem.jsonl").read_bytes().splitlines()) == 2

    def test_go_on_when_the_file_was_moved_away(self, tmp_path: Path) -> None:
        append_lines(tmp_path / "a" / "siem.jsonl", ["{}"])
        (tmp_path / "a" / "siem.jsonl").rename(tmp_path / "old")
        append_lines(tmp_path / "a" / "siem.jsonl", ["{}"])
        assert (tmp_path / "a" / "siem.jsonl").read_text() == "{}\n"


def send_often(syslog: Syslog, line: str) -> None:
    for _ in range(500):
        syslog.send(line)


class TestSyslog:
    def test_is_of_rfc_5424_whatever_an_entry_says(self, book: Logbook) -> None:
        book.record(Event("login.refused", Actor("anonymous"), decision=HOSTILE, facts={"name": HOSTILE}))
        message = syslog_message(siem_line('a"]\\\n', book.lines[0]), "host name\n")
        shape = (
            r"<108>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z host\?name\? vernacular \d+ login\.refused "
            r'\[audit@32473( [a-z]+="(?:[^"\\\]]|\\["\\\]]|\\\\u[0-9a-f]{4})*")+\] \{[ -~]+\}'
        )
        assert re.fullmatch(shape, message), message

    def test_reaches_a_listener_over_udp(self, tmp_path: Path) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
            listener.bind(("127.0.0.1", 0))
            listener.settimeout(10)
            book = Logbook.open(tmp_path, syslog=f"udp://127.0.0.1:{listener.getsockname()[1]}")
            book.record(Event("key.created", ADMIN))
            book.close()
            assert b' key.created [audit@32473 tenant="acme" seq="0"' in listener.recv(65536)

    def test_counts_octets_over_tcp_and_comes_back_after_a_break(self, book: Logbook) -> None:
        book.record(Event("key.created", ADMIN))
        line = siem_line("acme", book.lines[0])
        with socket.create_server(("127.0.0.1", 0)) as server:
            syslog = Syslog(f"tcp://127.0.0.1:{server.getsockname()[1]}")
            syslog.send(line)
            connection, _ = server.accept()
            count, _, rest = connection.recv(65536).partition(b" ")
            assert len(rest) == int(count)
            connection.close()
            with pytest.raises((BrokenPipeError, ConnectionResetError)):
                send_often(syslog, line)
            syslog.send(line)
            assert server.accept()[0].recv(65536)
            syslog.close()

    @pytest.mark.parametrize("address", ["syslog.example:514", "http://host:514", "udp://host", "tcp://host:99999"])
    def test_says_that_an_address_is_none(self, address: str) -> None:
        with pytest.raises(InvalidSetting):
            Syslog(address)

    def test_that_is_down_holds_up_nothing(self, tmp_path: Path) -> None:
        book = Logbook.open(tmp_path, syslog="tcp://127.0.0.1:1")
        book.record(Event("key.created", ADMIN))
        book.close()
        assert len(book.lines) == 1
