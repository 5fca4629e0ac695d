"""Every measurement, subject by subject, in the order of the page."""

from fidelity import (
    blending,
    colours,
    filters,
    fringes,
    lettering,
    morphology,
    noise,
    perspective,
    resampling,
    thumbnails,
    tiles,
    tones,
    turning,
)
from fidelity.rows import Measurement
from fidelity.studio import Studio

MEASUREMENTS: tuple[Measurement[Studio], ...] = tuple(
    measurement
    for subject in (
        blending,
        resampling,
        filters,
        morphology,
        turning,
        perspective,
        fringes,
        thumbnails,
        tiles,
        tones,
        noise,
        colours,
        lettering,
    )
    for measurement in subject.MEASUREMENTS
)
