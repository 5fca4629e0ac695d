"""Laws of values: what is written reads back, equal values have equal text, in every row of the table."""

import math

from hypothesis import given as with_any
from hypothesis import settings
from hypothesis import strategies as st

from proxy.errors import BadValue
from proxy.protocol.color import Color, Space, read_color
from proxy.protocol.command import Command
from proxy.protocol.values import Int, PathValue, Real, write_number
from proxy.vocabulary import words
from tests.properties.strategies import ANY_TEXT, COLOR_TEXTS, NUMBER_TEXTS, PATH_TEXTS, ROW_AND_TEXT, value_of

LAWS = settings(deadline=None, max_examples=100)
SIZES: dict[Space, int] = {"gray": 1, "rgb": 3, "cmyk": 4}
COLORS = st.sampled_from(list(SIZES.items())).flatmap(
    lambda kind: st.builds(
        Color, st.just(kind[0]), st.tuples(*[st.integers(0, 255)] * kind[1]), st.integers(0, 255), st.booleans()
    )
)


@LAWS
@with_any(ROW_AND_TEXT)
def test_every_row_reads_back_what_it_writes(row_and_text: tuple[Command, str]) -> None:
    row, text = row_and_text
    try:
        values = row.read(text)
    except BadValue:
        return
    written = row.write(values)
    assert row.read(written) == values
    assert row.write(row.read(written)) == written


@LAWS
@with_any(st.sampled_from(words().rows()).flatmap(lambda row: st.tuples(st.just(row), value_of(row), value_of(row))))
def test_equal_values_have_equal_text(row_and_texts: tuple[Command, str, str]) -> None:
    row, *texts = row_and_texts
    try:
        first, second = map(row.read, texts)
    except BadValue:
        return
    assert (first == second) == (row.write(first) == row.write(second))


@LAWS
@with_any(NUMBER_TEXTS, NUMBER_TEXTS)
def test_equal_numbers_have_equal_text(one: str, other: str) -> None:
    first, second = Real().read(one), Real().read(other)
    assert math.isfinite(first)
    assert first == float(one)
    assert (first == second) == (repr(first) == repr(second)) == (write_number(first) == write_number(second))
    assert Real().read(write_number(first)) == first


@LAWS
@with_any(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_reads_back(value: float) -> None:
    text = write_number(value)
    assert Real().read(text) == value
    assert write_number(Real().read(text)) == text


@LAWS
@with_any(st.integers(-(10**18) + 1, 10**18 - 1))
def test_every_whole_number_reads_back(value: int) -> None:
    assert Int().read(Int().write(value)) == value


@LAWS
@with_any(COLORS)
def test_every_colour_reads_back(color: Color) -> None:
    assert read_color(str(color)) == color
    assert read_color(str(color).upper()) == color


@LAWS
@with_any(COLOR_TEXTS | ANY_TEXT)
def test_any_text_is_a_colour_or_a_value_error(text: str) -> None:
    try:
        color = read_color(text)
    except ValueError:
        return
    assert len(color.components) == SIZES[color.space]
    assert all(0 <= part <= 255 for part in (*color.components, color.alpha))
    assert read_color(str(color)) == color
    assert all(0 <= part <= 255 for part in color.rgb())


@LAWS
@with_any(COLORS, COLORS)
def test_equal_colours_have_equal_text(one: Color, other: Color) -> None:
    assert (one == other) == (str(one) == str(other))


@LAWS
@with_any(PATH_TEXTS | ANY_TEXT)
def test_path_data_reads_back(text: str) -> None:
    try:
        path = PathValue().read(text)
    except ValueError:
        return
    assert path.subpaths
    assert all(len(segment) in (1, 3) for subpath in path.subpaths for segment in subpath.segments)
    assert PathValue().read(PathValue().write(path)) == path
