"""Text layers: ``measure`` says how large a text comes out, ``draw`` draws it at the scale of the reply.

Both go through one layout in composite pixels at full size, with unhinted outlines, so they agree at every scale.
"""

from PIL import Image

from proxy.recipe.text import TextExtent, TextPlan
from proxy.render.text.layout import lay_out
from proxy.render.text.paint import paint


def measure(plan: TextPlan) -> TextExtent:
    """Lay a text out and say how large it is.

    Raises:
        LimitExceeded: the text is too long or comes out too large.
        Missing, BadSource: a font is not there or cannot be read.
    """
    return lay_out(plan).extent


def draw(plan: TextPlan, scale: tuple[float, float]) -> Image.Image:
    """Draw a text's glyphs: RGBA, alpha not premultiplied, its size that of the extent and both overhangs, times ``scale``.

    Raises:
        LimitExceeded: likewise, or the picture would be too large.
        Missing, BadSource: likewise.
    """
    return paint(plan, lay_out(plan), scale)
