"""What the two renderers do differently (``c-text-formatting``): ``text=`` is like WordPad, ``textPs=`` like Photoshop.

Plain facts; nothing here lays out or draws.
"""

from dataclasses import dataclass

from proxy.recipe.text import Renderer


@dataclass(frozen=True, slots=True)
class Manner:
    """One renderer's habits. Lengths are in ems unless said otherwise.

    ``leading`` is the automatic distance of baselines as a factor of the size, 0 for the sum of ascent, descent and gap.
    ``own_underline`` takes position and thickness from the font, rounded to whole pixels; else they are the two given here.
    ``outer_spacing`` applies space before the first and after the last paragraph. ``features`` are those that only ``textPs=``
    has: margins, indents, justification, capitals, copy-fitting, vertical flow; ``rtlch`` is what only ``text=`` has.
    """

    slant: float
    embolden: float
    leading: float
    script_size: float
    super_rise: float
    sub_rise: float
    own_underline: bool
    underline: float
    thickness: float
    outer_spacing: bool
    scaled_spacing: bool
    contained: bool
    features: bool
    rtlch: bool


MANNERS: dict[Renderer, Manner] = {
    "text": Manner(
        slant=0.25,
        embolden=0.035,
        leading=0.0,
        script_size=2 / 3,
        super_rise=1 / 3,
        sub_rise=-1 / 6,
        own_underline=True,
        underline=0.0,
        thickness=0.0,
        outer_spacing=True,
        scaled_spacing=True,
        contained=True,
        features=False,
        rtlch=True,
    ),
    "textPs": Manner(
        slant=0.2126,
        embolden=0.03,
        leading=1.2,
        script_size=0.583,
        super_rise=0.333,
        sub_rise=-0.333,
        own_underline=False,
        underline=0.12,
        thickness=0.045,
        outer_spacing=False,
        scaled_spacing=False,
        contained=False,
        features=True,
        rtlch=False,
    ),
}

SMALL_CAPS = 0.7
"""The size of a small capital, of a capital."""

TAB = 36.0
"""Points between default tab stops, RTF's half inch."""
