"""Answers that are coming, each in a thread of its own: a page that is drawn or loaded anew goes on with the one there is, and asks nothing twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Hashable, Iterator
from contextlib import closing, contextmanager
from typing import Final

from ui.client import TextDelta, Verdict
from ui.gateway_errors import GatewayError, bad_answer

HELD_S: Final = 120.0
"""For so long a whole answer is held for a page that comes back."""
ABANDONED_S: Final = 20.0
"""An answer that nobody has waited for so long is stopped."""
MOST_HELD: Final = 1000
_AT_LEAST_EVERY_S: Final = 0.5

Clock = Callable[[], float]
Ask = Callable[[], Generator[TextDelta | Verdict, None, None]]


class Answer:
    """`text`, and once it has ended either `verdict` or `error`. Thread-safe."""

    def __init__(self, ask: Ask, clock: Clock = time.monotonic) -> None:
        self.text = ""
        self.verdict: Verdict | None = None
        self.error: GatewayError | None = None
        self.ended_at: float | None = None
        self._ask, self._clock = ask, clock
        self._changed = threading.Condition()
        self._followers, self._left_at = 0, clock()
        self._stopped = False

    def run(self) -> None:
        """Have it come, until it is whole or nobody wants it."""
        verdict: Verdict | None = None
        error: GatewayError | None = None
        try:
            with closing(self._ask()) as events:
                for event in events:
                    if isinstance(event, TextDelta):
                        self._add(event.text)
                    else:
                        verdict = event
                    if verdict is None and self.unwanted:
                        break
        except GatewayError as raised:
            error = raised
        except (AttributeError, KeyError, TypeError, ValueError):
            error = bad_answer()
        finally:
            with self._changed:
                if verdict is None and error is None:
                    error = GatewayError("interrupted", "The answer was cut off.", "Ask again.")
                self.verdict, self.error = verdict, error
                self.ended_at = self._clock()
                self._changed.notify_all()

    def follow(self, pause: float) -> Generator[str, None, None]:
        """The text so far whenever there is more of it, with a `pause` between; and now and then when there is not, so that
        whoever shows it can be called away. Ends with the answer."""
        with self._following():
            shown = 0
            while True:
                text = self._text_past(shown)
                if text is None:
                    return
                yield text
                shown = len(text)
                with self._changed:
                    self._changed.wait_for(lambda: self.ended_at is not None, pause)

    def stop(self) -> None:
        self._stopped = True

    @property
    def unwanted(self) -> bool:
        with self._changed:
            return self._stopped or (not self._followers and self._clock() - self._left_at > ABANDONED_S)

    def _text_past(self, shown: int) -> str | None:
        """None: it has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self.ended_at is not None or len(self.text) > shown, _AT_LEAST_EVERY_S)
            return self.text if self.ended_at is None else None

    def _add(self, text: str) -> None:
        with self._changed:
            self.text += text
            self._changed.notify_all()

    @contextmanager
    def _following(self) -> Iterator[None]:
        with self._changed:
            self._followers += 1
        try:
            yield
        finally:
            with self._changed:
                self._followers -= 1
                self._left_at = self._clock()


class Answers:
    """Those of a process, by names that only who asked can know. Thread-safe. `clock`: seconds that never go back."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[Hashable, Answer] = {}

    def of(self, name: Hashable, ask: Ask) -> Answer:
        """The one of that name; there being none, `ask` is called for it."""
        with self._lock:
            found = self._find(name)
            if found is None:
                found = self._held[name] = Answer(ask, self._clock)
                threading.Thread(target=found.run, name="answer", daemon=True).start()
            return found

    def find(self, name: Hashable) -> Answer | None:
        """None also for one that was stopped, for it will not become whole."""
        with self._lock:
            return self._find(name)

    def drop(self, name: Hashable) -> None:
        """Nobody wants it any more."""
        with self._lock:
            if (found := self._held.pop(name, None)) is not None:
                found.stop()

    def _find(self, name: Hashable) -> Answer | None:
        now = self._clock()
        self._held = {each: held for each, held in self._held.items() if not _is_over(held, now)}
        while len(self._held) > MOST_HELD:
            self._held.pop(next(iter(self._held))).stop()
        return self._held.get(name)


def _is_over(answer: Answer, now: float) -> bool:
    if answer.ended_at is None:
        return answer.unwanted
    return now - answer.ended_at > HELD_S
