from __future__ import annotations

import threading
from collections.abc import Generator

from ui.answers import ABANDONED_S, HELD_S, Answer, Answers, Ask
from ui.client import TextDelta, Verdict
from ui.gateway_errors import GatewayError

VERDICT = Verdict(True, "answered", "en", ())


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def saying(*parts: str, go: threading.Event | None = None, asked: list[int] | None = None) -> Ask:
    def events() -> Generator[TextDelta | Verdict, None, None]:
        if asked is not None:
            asked.append(1)
        for part in parts:
            yield TextDelta(part)
        if go is not None:
            go.wait(10)
        yield VERDICT

    return events


def wait(answer: Answer) -> Answer:
    for _text in answer.follow(0):
        pass
    return answer


class TestAnswers:
    def test_asks_once_for_all_who_wait_by_the_same_name(self) -> None:
        answers, go, asked = Answers(), threading.Event(), list[int]()
        first = answers.of("a", saying("It ", "is.", go=go, asked=asked))
        assert answers.of("a", saying("no", asked=asked)) is first
        go.set()
        assert wait(first).text == "It is."
        assert first.verdict == VERDICT
        assert asked == [1]

    def test_who_comes_later_gets_all_of_the_text(self) -> None:
        answers, go = Answers(), threading.Event()
        coming = answers.of("a", saying("It ", "is.", go=go))
        seen = [next(coming.follow(0)) for _time in range(2)]
        assert seen[0] == seen[1] == "It is."
        go.set()
        assert wait(coming).verdict == VERDICT

    def test_an_error_ends_it_and_is_told(self) -> None:
        def fails() -> Generator[TextDelta | Verdict, None, None]:
            yield TextDelta("It ")
            raise GatewayError("timeout", "Late.")

        answer = wait(Answers().of("a", fails))
        assert answer.error is not None
        assert answer.error.problem == "timeout"

    def test_what_is_not_as_it_should_be_is_an_error_too(self) -> None:
        def fails() -> Generator[TextDelta | Verdict, None, None]:
            yield TextDelta("It ")
            raise ValueError

        answer = wait(Answers().of("a", fails))
        assert answer.error is not None
        assert answer.error.problem == "bad_answer"

    def test_one_that_is_dropped_stops_and_is_not_found(self) -> None:
        answers, go = Answers(), threading.Event()
        coming = answers.of("a", saying("It ", go=go))
        answers.drop("a")
        assert answers.find("a") is None
        assert coming.unwanted
        go.set()

    def test_one_that_nobody_waits_for_stops(self) -> None:
        clock = Clock()
        answers, go = Answers(clock), threading.Event()
        coming = answers.of("a", saying("It ", "is.", go=go))
        following = coming.follow(0)
        next(following)
        clock.now += 2 * ABANDONED_S
        assert answers.find("a") is coming
        following.close()
        assert answers.find("a") is coming
        clock.now += 2 * ABANDONED_S
        assert answers.find("a") is None
        go.set()

    def test_a_whole_one_is_held_for_a_while(self) -> None:
        clock = Clock()
        answers = Answers(clock)
        wait(answers.of("a", saying("It is.")))
        clock.now = HELD_S - 1
        assert answers.find("a") is not None
        clock.now = HELD_S + 1
        assert answers.find("a") is None
