from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from vernacular.telemetry import Metrics, configure_logging


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged; the root logger is as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("info", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class TestLogging:
    def test_writes_one_object_a_line(self, lines: io.StringIO) -> None:
        logging.getLogger("a").info("request %s", "done", extra={"fields": {"status": 200}})
        (line,) = logged(lines)
        assert (line["message"], line["level"], line["logger"], line["status"]) == ("request done", "info", "a", 200)

    def test_leaves_no_way_to_forge_a_line(self, lines: io.StringIO) -> None:
        logging.getLogger("a").info('x\n{"level": "error"}', extra={"fields": {"path": 'y\n{"z": 1}'}})
        assert len(logged(lines)) == 1

    def test_keeps_a_traceback_in_its_line(self, lines: io.StringIO) -> None:
        try:
            raise ValueError("broken")
        except ValueError:
            logging.getLogger("a").exception("failed")
        (line,) = logged(lines)
        assert "ValueError: broken" in str(line["exception"])

    def test_writes_any_string(self, lines: io.StringIO) -> None:
        logging.getLogger("a").info("half %s", "\ud83d", extra={"fields": {"more": "\udc00"}})
        assert len(logged(lines)) == 1

    def test_leaves_out_what_is_below_the_level(self, lines: io.StringIO) -> None:
        logging.getLogger("a").debug("nothing")
        assert logged(lines) == []


class TestMetrics:
    def test_are_kept_apart_from_another_gateways(self) -> None:
        one, two = Metrics(), Metrics()
        one.observe_request("GET", "/x", 200, 0.01)
        assert b'route="/x"' in one.render()
        assert b'route="/x"' not in two.render()
