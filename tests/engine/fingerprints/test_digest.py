"""One pass over chunks must equal what the standard tools print."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from foureyes.engine.fingerprints import DigestPass


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_chunks_in_any_cut_give_the_digests_of_the_whole(chunks: list[bytes]) -> None:
    digests = DigestPass()
    for chunk in chunks:
        digests.update(memoryview(bytearray(chunk)))
    whole = b"".join(chunks)
    result = digests.result()
    assert result.sha256 == hashlib.sha256(whole).hexdigest()
    assert result.sha1 == hashlib.sha1(whole, usedforsecurity=False).hexdigest()
    assert result.md5 == hashlib.md5(whole, usedforsecurity=False).hexdigest()
    assert result.size == len(whole)


def test_the_empty_content_has_the_published_digests() -> None:
    result = DigestPass().result()
    assert result.sha256.startswith("e3b0c44298fc1c14")
    assert result.sha1.startswith("da39a3ee5e6b4b0d")
    assert result.md5.startswith("d41d8cd98f00b204")
