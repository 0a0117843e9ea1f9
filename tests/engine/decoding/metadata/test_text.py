"""Text is decoded, cleaned and cut; hostile characters never get through."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from foureyes.engine.decoding.metadata.text import clean, decoded, user_comment, utf16


def test_encodings() -> None:
    assert decoded("Müller".encode()) == "Müller"
    assert decoded("Müller".encode("latin-1")) == "Müller"
    assert utf16("Ωmega\0rest".encode("utf-16-le")) == "Ωmega"
    assert utf16("\ufeffΩmega".encode("utf-16-be")) == "Ωmega"


def test_controls_and_overrides_are_stripped() -> None:
    assert clean("  a\x1b[31m\tb\r\n\u202ec\u2069  ") == "a[31m b c"
    assert clean(" \0\x01 ") == ""


def test_cut_at_a_thousand_characters_even_inside_a_character() -> None:
    assert len(decoded(("ü" * 5000).encode())) == 1000
    assert decoded(b"a" + ("€" * 5000).encode())[1:] == "€" * 999


def test_user_comment_by_its_code() -> None:
    assert user_comment(b"ASCII\0\0\0hello\0\0", "<") == "hello"
    assert user_comment(b"UNICODE\0" + "hello".encode("utf-16-be"), ">") == "hello"
    assert user_comment(bytes(8) + b"hello", "<") == "hello"
    assert user_comment(bytes(8) + b"\x01\x02\x03binary", "<") == ""
    assert user_comment(b"WHATEVER" + b"hello", "<") == ""


@given(st.binary(max_size=5000))
def test_any_bytes_become_clean_text(untrusted_bytes: bytes) -> None:
    for text in (decoded(untrusted_bytes), utf16(untrusted_bytes), user_comment(untrusted_bytes, "<")):
        assert text.isprintable()
        assert len(text) <= 1000
        assert text == text.strip()
