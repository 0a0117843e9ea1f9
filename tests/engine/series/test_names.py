"""Names of files are taken from paths as the standard library takes them."""

from __future__ import annotations

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from foureyes.engine.series.links.names import name_of

PATHS = st.text(st.sampled_from("ab1._/ !\\\u00e9\udc80"), max_size=12)


@given(PATHS)
def test_it_takes_names_as_the_library_does(path: str) -> None:
    expected = PurePosixPath(path)
    assert name_of(path) == (expected.name, expected.stem, expected.suffix)
