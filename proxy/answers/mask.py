"""``req=mask``: the alpha channel of the reply image."""

from proxy.answers.img import Img


class Mask(Img):
    """A gray image, white where the reply image is opaque; the plan knows what is asked for."""

    name = "mask"
    page = "r-mask-req"
