from __future__ import annotations

from serve.engine.pool.breaker import FAILURES, FIRST_PAUSE_S, LONGEST_PAUSE_S, CircuitBreaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker(clock)
    assert [breaker.fail() for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
    return breaker


class TestClosed:
    def test_lets_all_through(self) -> None:
        breaker = CircuitBreaker(Clock())
        assert [breaker.begin() for _ in range(5)] == [False] * 5
        assert breaker.allows()

    def test_forgets_failures_at_a_success(self) -> None:
        breaker = CircuitBreaker(Clock())
        for _ in range(3):
            assert not any(breaker.fail() for _ in range(FAILURES - 1))
            breaker.succeed()
        assert breaker.state == "closed"


class TestOpen:
    def test_lets_nothing_through_until_its_pause_is_over(self) -> None:
        clock = Clock()
        breaker = opened(clock)
        assert (breaker.state, breaker.allows()) == ("open", False)
        clock.now += FIRST_PAUSE_S
        assert (breaker.state, breaker.allows()) == ("half_open", True)

    def test_is_not_prolonged_by_requests_that_were_under_way(self) -> None:
        clock = Clock()
        breaker = opened(clock)
        assert not any(breaker.fail() for _ in range(30))
        clock.now += FIRST_PAUSE_S
        assert breaker.allows()


class TestHalfOpen:
    def test_lets_one_try(self) -> None:
        clock = Clock()
        breaker = opened(clock)
        clock.now += FIRST_PAUSE_S
        assert breaker.begin() is True
        assert not breaker.allows()

    def test_closes_when_that_one_succeeds(self) -> None:
        clock = Clock()
        breaker = opened(clock)
        clock.now += FIRST_PAUSE_S
        breaker.begin()
        breaker.succeed()
        assert (breaker.state, breaker.begin()) == ("closed", False)

    def test_pauses_twice_as_long_each_time_that_one_fails(self) -> None:
        clock = Clock()
        breaker = opened(clock)
        pause = FIRST_PAUSE_S
        while pause < LONGEST_PAUSE_S:
            clock.now += pause
            assert breaker.fail(breaker.begin())
            pause = min(2 * pause, LONGEST_PAUSE_S)
            clock.now += pause * 0.99
            assert not breaker.allows()
            clock.now += pause * 0.01
            assert breaker.allows()
            clock.now -= pause

    def test_lets_another_try_when_that_one_was_given_up(self) -> None:
        clock = Clock()
        breaker = opened(clock)
        clock.now += FIRST_PAUSE_S
        breaker.abandon(breaker.begin())
        assert breaker.allows()
