"""The array files of the base data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BaseDataError
from geo.store import decode_texts, encode_texts, read_arrays, write_arrays


def test_equal_arrays_give_equal_bytes_and_come_back(tmp_path: Path) -> None:
    arrays: dict[str, npt.NDArray[np.generic]] = {"b": np.arange(5, dtype=np.int32), "a": np.linspace(0, 1, 3)}
    write_arrays(tmp_path / "one.npz", arrays)
    write_arrays(tmp_path / "two.npz", dict(sorted(arrays.items())))
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    back = read_arrays("one", tmp_path)
    assert all((back[name] == arrays[name]).all() for name in arrays)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_texts_come_back(texts: list[str]) -> None:
    packed = encode_texts(texts)
    assert decode_texts(packed["bytes"], packed["offsets"]) == texts


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 broken"])
def test_missing_or_damaged_data_says_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "lost.npz").write_bytes(content)
    with pytest.raises(BaseDataError, match="make data"):
        read_arrays("lost", tmp_path)
