r"""Text layers of a real server: pixels of boxes, overhang and effects; fonts of font maps, broken and missing ones."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from proxy.sources.built_in_fonts import open_built_in
from tests.serving import Reply, Server, command, configure, serving

WHITE, BLACK, YELLOW = (255, 255, 255), (0, 0, 0), (255, 255, 0)
FONTS = r"{\fonttbl{\f0 House;}{\f1 Broken;}{\f2 Gone;}{\f3 Outside;}{\f4 Helvetica;}{\f5 Short;}}"
FILES = {
    "default.ini": "RootId=\nFontMapFile=fonts.tab\nResMode=3\nErrorDetail=2\n",
    "fonts.tab": "Name\tBold\tItalic\tFontPath\tMetricsPath\n"
    "House\t0\t0\tfonts/house.ttf\t\n"
    "Broken\t0\t0\tfonts/broken.ttf\t\n"
    "Short\t0\t0\tfonts/short.ttf\t\n"
    "Gone\t0\t0\tfonts/gone.ttf\t\n"
    "Outside\t0\t0\t../../../secret.ttf\t\n",
    "house.ini": "RootId=house\nDefaultFont=House\nSynthesizeFontStyles=0\n",
    "told.ini": "RootId=told\nErrorImage=told/message\nCatalogFile=told.tab\n",
    "told.tab": "Id\tPath\tModifier\n"
    "message\t\tsize=300,100&color=ffffff&fmt=png&layer=1&size=300,100&text=$error.message$\n"
    "label\t\tlayer=0&size=60,20&color=ffffff&layer=1&size=60,20&text=$t$&$t=Label\n",
}


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    (folder / "catalogs").mkdir()
    for name, text in FILES.items():
        (folder / "catalogs" / name).write_text(text)
    fonts = folder / "images/fonts"
    fonts.mkdir(parents=True)
    arimo = open_built_in("Arimo[wght].ttf", "Arimo")
    assert arimo is not None
    shutil.copy(arimo.location, fonts / "house.ttf")
    shutil.copy(arimo.location, folder / "secret.ttf")
    data = Path(arimo.location).read_bytes()
    (fonts / "broken.ttf").write_bytes(b"\x00\x01\x00\x00" + b"\xff" * 4000)
    (fonts / "short.ttf").write_bytes(data[:3000])
    Image.new("RGB", (200, 100), WHITE).save(folder / "images/white.png")
    half = Image.new("L", (20, 10), 0)
    half.paste(255, (0, 0, 10, 10))
    half.save(folder / "images/half.png")
    return folder


@pytest.fixture(scope="module", name="texts")
def _texts(folder: Path) -> Iterator[Server]:
    with serving(folder) as server:
        yield server


def ask(server: Server, target: str) -> Reply:
    """Ask with blanks as they have to be sent."""
    return server.image(target.replace(" ", "+"))


def pixels(server: Server, query: str) -> np.ndarray:
    return np.asarray(ask(server, f"white.png?layer=0&origin=0,0&layer=1&origin=0,0&{query}&fmt=png").image.convert("RGB"))


def ink(picture: np.ndarray, ground: tuple[int, int, int] = WHITE) -> tuple[int, int, int, int] | None:
    """The box around all that is not of the colour of the ground: left, top, right, bottom."""
    other = (picture != np.array(ground)).any(axis=2)
    if not other.any():
        return None
    rows, columns = np.flatnonzero(other.any(axis=1)), np.flatnonzero(other.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


RAISED = r"textPs=\fs40{\up60 Raised}&size=100,40&pos=50,50"


def test_glyphs_reach_out_of_the_box(texts: Server) -> None:
    box = ink(pixels(texts, RAISED))
    assert box is not None
    assert box[1] < 50 - 10


def test_the_fill_is_that_of_the_box_alone(texts: Server) -> None:
    picture = pixels(texts, RAISED + "&color=ffff00")
    assert tuple(picture[89, 149]) == tuple(picture[50, 149]) == YELLOW
    assert tuple(picture[90, 149]) == tuple(picture[49, 149]) == tuple(picture[89, 150]) == WHITE


@pytest.mark.parametrize("extend", ["extend=0,0,0,0", "extendN=0,0,0,0"])
def test_extend_cuts_to_the_box(texts: Server, extend: str) -> None:
    box = ink(pixels(texts, f"{RAISED}&{extend}"))
    assert box is None or box[1] >= 50


def test_a_margin_shows_as_much_of_the_overhang(texts: Server) -> None:
    whole, part = pixels(texts, RAISED), pixels(texts, f"{RAISED}&extend=0,9,0,0&pos=50,41")
    assert np.array_equal(whole[41:], part[41:])
    assert ink(part[:41]) is None


def test_a_turned_overhang_is_the_turned_picture(texts: Server) -> None:
    upright = pixels(texts, RAISED + "&color=ffff00")
    turned = pixels(texts, RAISED.replace("pos=50,50", "pos=70,0") + "&color=ffff00&rotate=90")
    # the box is 40 wide and 100 high now, and what was above it is to its right
    assert np.array_equal(np.rot90(upright[20:90, 50:150], -1), turned[0:100, 70:140])


def test_effects_follow_glyphs_out_of_the_box(texts: Server) -> None:
    box = ink(pixels(texts, RAISED))
    shadow = ink(pixels(texts, RAISED + "&opac=100,0&effect=-1&color=ff0000&pos=7,-5"))
    assert box is not None
    assert shadow == (box[0] + 7, box[1] - 5, box[2] + 7, box[3] - 5)


def test_a_mask_covers_the_box(texts: Server) -> None:
    plain = r"textPs=\fs40 Hamburgefonts&size=100,40&pos=50,50"
    whole, half = pixels(texts, plain), pixels(texts, plain + "&mask=half.png")
    # the mask has 20 columns, so its edge is soft in the middle
    assert np.array_equal(whole[:, :90], half[:, :90])
    assert ink(half[:, 110:]) is None
    assert ink(whole[:, 110:]) is not None
    assert ink(pixels(texts, RAISED + "&mask=half.png")[:50]) is None


def test_opacity_is_that_of_the_glyphs(texts: Server) -> None:
    picture = pixels(texts, r"text=\fs80 MM&size=150,60&color=ffff00&opac=50")
    assert tuple(picture[1, 140]) == YELLOW
    assert picture.min(axis=(0, 1)).tolist() == [127, 127, 0]


def test_a_text_is_drawn_at_the_scale_of_the_reply(texts: Server) -> None:
    small = ink(np.asarray(ask(texts, r"?text=\fs48 HH&size=120,40&wid=60&fmt=png").image.convert("RGB")))
    large = ink(np.asarray(ask(texts, r"?text=\fs48 HH&size=120,40&wid=240&fit=fit,1&fmt=png").image.convert("RGB")))
    assert small is not None
    assert large is not None
    assert large == pytest.approx([4 * edge for edge in small], abs=4)


def test_a_hidden_canvas_of_text(texts: Server) -> None:
    shown, hidden = ask(texts, r"?text=\fs48 Hamburg&fmt=png"), ask(texts, r"?text=\fs48 Hamburg&fmt=png&hide=1")
    assert shown.image.size == hidden.image.size
    assert ink(np.asarray(hidden.image.convert("RGB"))) is None


def test_an_empty_text(texts: Server) -> None:
    assert ink(pixels(texts, "$t=&text=$t$")) is None
    assert ink(pixels(texts, "$t=&text=$t$&size=30,20&color=ff0000")) == (0, 0, 30, 20)


def test_the_watermark_and_nested_texts(texts: Server) -> None:
    nested = pixels(texts, r"src=is{?text=\fs48 Hamburg&size=100,40}")
    assert np.array_equal(nested, pixels(texts, r"text=\fs48 Hamburg&size=100,40"))


# ---- fonts


def test_fonts_of_the_font_map_and_built_in_ones_are_alike(texts: Server) -> None:
    reply = [ask(texts, f"white.png?layer=1&text={FONTS}\\f{font} Ham&fmt=png").body for font in (0, 4)]
    assert reply[0] == reply[1]
    assert ask(texts, "house/white.png?layer=1&text=Ham&fmt=png").body == ask(texts, "white.png?layer=1&text=Ham&fmt=png").body


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (r"white.png?layer=1&text=%s\f1 Ham", "Broken (fonts/broken.ttf)"),
        (r"white.png?layer=1&text=%s\f2 Ham", "Gone (fonts/gone.ttf): the font file is not there"),
        (r"white.png?layer=1&text=%s\f3 Ham", "../../../secret.ttf: the path leads upwards"),
        (r"house/white.png?layer=1&text=\b Ham", "font House has no bold style"),
        (r"white.png?layer=1&text={\fonttbl\f0 Papyrus;}\f0 Ham", "font Papyrus is in no font map"),
        (r"white.png?layer=1&text=a{b", "text=: character 2: an opening brace"),
    ],
)
def test_what_cannot_be_set_is_an_error(texts: Server, target: str, message: str) -> None:
    reply = ask(texts, target.replace("%s", FONTS))
    assert reply.status == 403
    assert message in reply.text
    assert str(texts.folder) not in reply.text


def test_a_broken_font_costs_no_process(texts: Server) -> None:
    workers = texts.workers()
    targets = [rf"white.png?wid={wid}&layer=1&text={FONTS}\f{font}+Ham" for wid in (9, 10, 11) for font in (1, 5)]
    replies = texts.images_at_once([target.replace(" ", "+") for target in targets])
    # of one that is cut off the glyphs may be missing
    assert {reply.status for reply in replies} <= {200, 403}
    assert texts.workers() == workers


def test_errors_are_told_as_text(texts: Server) -> None:
    reply = ask(texts, r"told/white.png?layer=1&text=\fs40{x\}")
    assert (reply.status, reply.image.size) == (200, (300, 100))
    assert ink(np.asarray(reply.image.convert("RGB"))) is not None
    assert reply.body != ask(texts, "told/none.png").body


def test_a_font_that_was_replaced_is_noticed(texts: Server, folder: Path) -> None:
    target = rf"white.png?layer=1&text={FONTS}\f0 Ham&fmt=png&cache=update"
    before = ask(texts, target)
    slanted = open_built_in("Arimo-Italic[wght].ttf", "Arimo")
    assert slanted is not None
    try:
        shutil.copy(slanted.location, folder / "images/fonts/house.ttf")
        assert ask(texts, target).body != before.body
    finally:
        upright = open_built_in("Arimo[wght].ttf", "Arimo")
        assert upright is not None
        shutil.copy(upright.location, folder / "images/fonts/house.ttf")
    assert ask(texts, target).body == before.body


def test_check_opens_font_files(folder: Path) -> None:
    config = configure(folder)
    done = subprocess.run(  # noqa: S603  # our own command line
        command("check", "--config", config), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    said = done.stdout
    assert "Gone (fonts/gone.ttf): the font file is not there" in said
    assert "Broken (fonts/broken.ttf)" in said
    assert "secret.ttf" in said
    assert "House" not in said


def test_explain_shows_the_document(folder: Path) -> None:
    line = command("explain", "--config", configure(folder), rf"white.png?layer=1&text={FONTS}\f0\b Ham")
    said = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True).stdout  # noqa: S603  # likewise
    assert "text: 'Ham'" in said
    assert "name: 'House (fonts/house.ttf)'" in said
    assert "synthesize_bold: True" in said
