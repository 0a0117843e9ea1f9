"""Merkle trees against the published vectors of RFC 6962 and against a second writing of the same rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foureyes.workbench.audit import merkle, offline_verify

# Inputs and roots of Certificate Transparency's own tests (certificate-transparency, merkletree/merkle_tree_test.cc).
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSIONS = [
    (0, 1, []),
    (0, 8, [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]),
    (5, 8, [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (1, 5, [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]),
]  # fmt: skip
CONSISTENCIES = [
    (1, 1, []),
    (1, 8, [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]),
    (6, 8, [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]),
    (2, 5, [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]),
]  # fmt: skip
# RFC 8032 section 7.1, tests 1 to 3: public key, message, signature.
SIGNATURES = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


def nodes_of(leaves: list[bytes]) -> merkle.Nodes:
    def node(height: int, number: int) -> bytes:
        if height == 0:
            return leaves[number]
        return merkle.node_hash(node(height - 1, 2 * number), node(height - 1, 2 * number + 1))

    return node


VECTORS = nodes_of([merkle.leaf_hash(one) for one in INPUTS])


def test_published_roots() -> None:
    assert merkle.root(0, VECTORS).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [merkle.root(size, VECTORS).hex() for size in range(1, 9)] == ROOTS


@pytest.mark.parametrize(("index", "size", "path"), INCLUSIONS)
def test_published_proofs_of_inclusion(index: int, size: int, path: list[str]) -> None:
    assert [step.hex() for step in merkle.inclusion(index, size, VECTORS)] == path


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCIES)
def test_published_proofs_of_consistency(old: int, new: int, path: list[str]) -> None:
    assert [step.hex() for step in merkle.consistency(old, new, VECTORS)] == path


@pytest.mark.parametrize(("public", "message", "signature"), SIGNATURES)
@pytest.mark.parametrize("pure", [True, False])
def test_published_signatures(public: str, message: str, signature: str, pure: bool) -> None:
    key, said, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert offline_verify.ed25519(key, said, signed, pure=pure)
    for place in (0, 31, 32, 63):
        altered = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
        assert not offline_verify.ed25519(key, said, altered, pure=pure)
    assert not offline_verify.ed25519(key, said + b"!", signed, pure=pure)
    order = offline_verify.ORDER
    malleable = signed[:32] + (int.from_bytes(signed[32:], "little") + order).to_bytes(32, "little")
    assert not offline_verify.ed25519(key, said, malleable, pure=pure)


@given(st.integers(1, 70), st.data())
def test_both_writings_agree_and_nothing_false_is_proved(size: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    node = nodes_of(leaves)
    root = merkle.root(size, node)
    growing = offline_verify.Tree()
    roots = [growing.root()]
    for leaf in leaves:
        growing.add(leaf)
        roots.append(growing.root())
    assert roots[size] == root

    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion(index, size, node)
    assert merkle.includes(leaves[index], index, size, path, root)
    assert offline_verify.root_through(leaves[index], index, size, path) == root
    other = data.draw(st.integers(0, size - 1))
    assert merkle.includes(leaves[index], other, size, path, root) == (other == index)
    assert not merkle.includes(leaves[index], index, size, [*path, root], root)
    if path:
        assert not merkle.includes(leaves[index], index, size, path[:-1], root)

    old = data.draw(st.integers(1, size))
    steps = merkle.consistency(old, size, node)
    assert merkle.consistent(old, size, steps, roots[old], root)
    assert offline_verify.roots_through(old, size, steps, roots[old]) == (roots[old], root)
    wrong = data.draw(st.integers(1, size))
    assert merkle.consistent(wrong, size, steps, roots[old], root) == (wrong == old)
    assert not merkle.consistent(old, size, [*steps, root], roots[old], root)
