"""Quantities of materials as people write them, in either language."""

import pytest
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st

from giatja_gateway.pages.materials import words


@pytest.mark.parametrize(
    ("language", "text", "quantity"),
    [
        ("id", "12,5", 12_500),
        ("id", " 1.250 ", 1_250_000),
        ("id", "1.250,075", 1_250_075),
        ("id", "0", 0),
        ("en", "1,250.5", 1_250_500),
        ("en", "12.5", 12_500),
    ],
)
def test_a_quantity_is_read_as_it_is_written(language: str, text: str, quantity: int) -> None:
    with Flask(__name__).test_request_context():
        g.lang = language
        assert words.thousandths(text) == quantity


@pytest.mark.parametrize("text", ["", "dua", "12.5", "-3", "1,2345", "1.25", "1..000", "12,", "1e3", "٣"])
def test_what_is_no_quantity_in_indonesian_is_none_and_never_guessed(text: str) -> None:
    with Flask(__name__).test_request_context():
        g.lang = "id"
        assert words.thousandths(text) is None


@given(st.integers(0, 10**12), st.sampled_from(["id", "en"]))
def test_what_a_field_shows_is_read_back_as_it_was(quantity: int, language: str) -> None:
    with Flask(__name__).test_request_context():
        g.lang = language
        assert words.thousandths(words.plain(quantity)) == quantity
