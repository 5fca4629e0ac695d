r"""The texts that are set here and by LibreOffice: each a page of RTF, and what to look for in its picture.

A line's distances are those of the fonts or of the text, so that both programs mean the same; what differs all the same is
allowed for and said. No text has two blanks in a row, for LibreOffice adds to them.
"""

from dataclasses import dataclass
from typing import Literal

FONT_MAP = (
    "Name\tBold\tItalic\tFontPath\n"
    "Arimo\t0\t0\tArimo[wght].ttf\n"
    "Arimo\t0\t1\tArimo-Italic[wght].ttf\n"
    "DejaVu Sans\t0\t0\tDejaVuSans.ttf\n"
    "DejaVu Sans\t1\t0\tDejaVuSans-Bold.ttf\n"
    "Lohit Devanagari\t0\t0\tLohit-Devanagari.ttf\n"
)
"""The font map of the texts. Bold is a file of its own: LibreOffice 7.4 spaces a variable font's bold and draws its regular."""

_HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil Arimo;}{\f1\fnil DejaVu Sans;}{\f2\fnil Lohit Devanagari;}}"
    r"{\colortbl;\red200\green30\blue30;\red0\green90\blue180;\red150\green150\blue150;}"
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in a box of ``size`` points.

    ``look`` says what to look for in its pictures. ``aside`` and ``apart`` are how many points a glyph may be elsewhere along
    and across its line, ``higher`` how far the whole text may stand above LibreOffice's (below, if negative), ``reason`` is
    why any of that is more than rounding. ``alike`` is the least SSIM of both pictures.
    """

    name: str
    renderer: Literal["text", "textPs"]
    size: tuple[int, int]
    body: str
    look: str
    higher: float
    reason: str
    alike: float = 0.95
    aside: float = 0.3
    apart: float = 0.15

    @property
    def value(self) -> str:
        """The RTF as a request has it."""
        return f"{_HEAD}{self.body}}}"

    @property
    def page(self) -> str:
        """The RTF as a page of that size without margins."""
        width, height = (20 * side for side in self.size)
        return rf"{_HEAD}\paperw{width}\paperh{height}\margl0\margr0\margt0\margb0 {self.body}}}"


_GAP = "LibreOffice puts the gap that a font asks for above its lines, this server below"
_BOXED = "with `textPs=` a first line is as high as its d, with LibreOffice as high as `\\sl` says"

TEXTS = (
    Text(
        "kerning",
        "text",
        (220, 50),
        r"\f0\fs40\kerning1 AVATAR To. Type\par\kerning0 AVATAR To. Type",
        "A and V, T and o, T and y lean into each other in the upper line and keep their distance in the lower one.",
        0.75,
        _GAP,
    ),
    Text(
        "sizes",
        "text",
        (200, 76),
        r"\f0\fs16\cf1 Eight \fs24\cf2 twelve \fs48\cf3 twenty\par\fs20\cf0 ten \fs72 Big\fs20  ten",
        "Letters of all sizes stand on one line, which is as high as its largest ones; the colours are three grays, then black.",
        1.1,
        f"{_GAP}, and a larger one for larger letters",
        apart=0.4,
    ),
    Text(
        "styles",
        "text",
        (220, 84),
        r"\f1\fs32 plain \b bold\b0\par\f0 roman \i italic\i0  \ul under\ulnone\par\fs48\ul Ag\ulnone  \i\ul slanted",
        "A heavier face of DejaVu Sans, a slanted one of Arimo; underlines begin and end with their words and cut the g.",
        0.75,
        f"{_GAP}, and DejaVu Sans asks for none",
        apart=0.6,
    ),
    Text(
        "script",
        "text",
        (220, 50),
        r"\f0\fs40 H{\sub 2}O x{\super 2} {\up10 up} {\dn10 down} end",
        "The 2 of water hangs below the line, that of a square stands at the top of the x; up is as far above as down below.",
        1.5,
        "`\\sub` and `\\super` have two thirds of the size here and 58 % there; LibreOffice takes `\\up` and `\\dn` for parts of "
        "a line's height, which makes 5 points 5.7; this server makes room above the line for what is raised",
        alike=0.9,
        aside=2.0,
        apart=1.8,
    ),
    Text(
        "wrapped",
        "text",
        (130, 76),
        r"\f0\fs28 Lines are broken where the box ends, between words, and no-where else.",
        "Four lines, none of which touches the right edge; the blank that ends a line takes no room.",
        0.6,
        _GAP,
    ),
    Text(
        "aligned",
        "text",
        (220, 84),
        r"\f0\fs32\ql left\par\qc in the middle\par\qr right\par\ql two\tab tabs\tab stop",
        "Left edge, middle, right edge; then tabulators every half inch, so tabs begins at 36 points and stop at 72.",
        0.75,
        _GAP,
    ),
    Text(
        "spaced",
        "text",
        (150, 72),
        r"\f0\fs28\expnd8 two points\expnd0\par\expndtw-14 less by 0.7\expndtw0\par\charscalex150 wide\charscalex60  and narrow"
        r"\charscalex100\par fi \expnd4 fi fl",
        "Letters with room between them, then closer ones, wide and narrow ones; the second fi is spaced, the first not.",
        0.6,
        _GAP,
    ),
    Text(
        "distances",
        "text",
        (130, 152),
        r"\f0\fs24\pard\sl360\slmult1 one and a half\par one and a half\par\pard\sl480\slmult1 double\par double"
        r"\par\pard\sl0\sb200\sa100 before and\par after",
        "What a line has more than its own height is below it: twice 20.7 points, twice 27.6, then 13.8 and space of paragraphs.",
        0.55,
        _GAP,
    ),
    Text(
        "justified",
        "textPs",
        (150, 100),
        r"\pard\sl-320\slmult0\qj\li200\ri100\fi300\f0\fs24 The gaps between words grow until both edges are straight,\line "
        r"by hand as well, but for the last line.",
        "Lines reach from 10 to 145 points, the first from 25; the one that is broken by hand is stretched, the last one is not.",
        4.3,
        _BOXED,
    ),
    Text(
        "letters",
        "text",
        (130, 46),
        r"\f0\fs32 \'c4\'d6\'dc \'e4\'f6\'fc\'df \'95 \'93q\'94\par \u8364? \u937? \u1046? \u269? \'80",
        "Umlauts, a bullet and quotation marks by bytes, euro, omega, zhe and c with caron by their numbers; no empty boxes.",
        0.75,
        _GAP,
    ),
    Text(
        "arabic",
        "text",
        (160, 36),
        r"\pard\rtlpar\qr\rtlch\f1\fs40\af1\afs40\ltrch\f1\fs40\rtlch \u1605?\u1585?\u1581?\u1576?\u1575? 123 "
        r"\u1593?\u1575?\u1604?\u1605?",
        "The first word is at the right, its letters joined; 123 is read from left to right between both words.",
        0.1,
        "DejaVu Sans asks for no gap, so lines stand where they do there",
    ),
    Text(
        "devanagari",
        "text",
        (160, 40),
        r"{\rtlch\af2\afs40 \ltrch\f2\fs40 \u2361?\u2367?\u2344?\u2381?\u2342?\u2368? \u2325?\u2381?\u2359?\u2340?\u2381?\u2352?"
        r"\u2367?\u2351?}",
        "One head line over each word, the short i before its consonant, the conjuncts nd, ksh and tr as single shapes.",
        -2.5,
        "this server takes a font's heights from hhea, LibreOffice from OS/2 where a font says so",
    ),
)
