from __future__ import annotations

import re

import pytest

from vernacular.access import passwords
from vernacular.errors import PasswordRefused


class TestHash:
    def test_is_argon2id_with_64_mib_and_holds_for_its_password_alone(self) -> None:
        made = passwords.hash_password("three herons over a weir")
        assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        assert passwords.verify(made, "three herons over a weir")
        assert not passwords.verify(made, "three herons over a weir ")
        assert not passwords.is_outdated(made)

    def test_is_another_one_each_time(self) -> None:
        assert passwords.hash_password("x") != passwords.hash_password("x")

    def test_is_the_same_password_however_a_keyboard_composes_it(self) -> None:
        assert passwords.verify(passwords.hash_password("cafe\u0301"), "caf\u00e9")

    @pytest.mark.parametrize("password_hash", [None, "", "x", "$argon2id$v=19$m=65536,t=3,p=4$xx$yy"])
    def test_that_is_none_holds_for_nothing(self, password_hash: str | None) -> None:
        assert not passwords.verify(password_hash, "")
        assert not passwords.verify(password_hash, "x" * 10_000)

    def test_takes_half_a_character_for_a_wrong_one(self) -> None:
        assert not passwords.verify(None, "\ud800")

    def test_is_outdated_once_it_is_made_with_less(self) -> None:
        assert passwords.is_outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$W6Yx0PYbC3o")


class TestRandom:
    def test_is_long_readable_and_never_refused(self) -> None:
        made = {passwords.random_password() for _ in range(200)}
        assert len(made) == 200
        for password in made:
            assert re.fullmatch(r"([a-km-np-z2-9]{5}-){4}[a-km-np-z2-9]{5}", password)
            passwords.check_password(password, 12)


class TestCheck:
    @pytest.mark.parametrize(
        "password",
        [
            "short",
            "password1234",
            "Passw0rd2024!!",
            "P@ssw0rdP@ssw0rd",
            "aaaaaaaaaaaaaa",
            "abcabcabcabc",
            "123456789012",
            "20240131202401",
            "qwertyuiop12",
            "lkjhgfdsa!!!",
            "iloveyou12345",
            "ｐａｓｓｗｏｒｄ１２３４",
            "密码密码密码密码密码密码",
            "letmein-letmein",
            "maria.garcia99",
            "acme-acme-2026",
            "x" * 257,
        ],
    )
    def test_refuses_what_is_guessed_first(self, password: str) -> None:
        with pytest.raises(PasswordRefused):
            passwords.check_password(password, 12, about=("maria.garcia@example.org", "acme"))

    @pytest.mark.parametrize(
        "password",
        [
            "correct horse battery",
            "three herons over a weir",
            "我今天吃了一只很大的苹果",
            "ثلاث حمامات فوق السد",
            "Rt7#kq!zWv2p",
            "mein Hund frisst gern Gras",
        ],
    )
    def test_takes_others(self, password: str) -> None:
        passwords.check_password(password, 12, about=("maria.garcia@example.org", "acme"))

    def test_takes_none_shorter_than_the_settings_say(self) -> None:
        passwords.check_password("Rt7#kq!zWv2p", 12)
        with pytest.raises(PasswordRefused, match="fewer than 13"):
            passwords.check_password("Rt7#kq!zWv2p", 13)

    def test_says_nothing_of_the_password(self) -> None:
        with pytest.raises(PasswordRefused) as refused:
            passwords.check_password("password1234", 8)
        assert "password1234" not in refused.value.message + refused.value.hint
