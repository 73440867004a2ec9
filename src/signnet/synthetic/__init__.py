"""A parametric signer: clips of invented signs, for tests and trials without videos.

The signs belong to no language. They come in three groups of four that share place and
hand shape and differ only in how the movement runs (up or down, clockwise or not, open
to closed or back), and each performance is shifted in place and time; so no single
frame tells them apart, but the sequence does. A body is built in metres around the
mid-shoulder point (x to the signer's left, y down, z away from the camera), always
right-handed; it is mirrored for a left-handed signer and then seen by a camera.
"""

from signnet.synthetic.performance import (
    EXPRESSIONS,
    make_corpus,
    perform,
    perform_idle,
)
from signnet.synthetic.signer import Camera, Signer, make_signer
from signnet.synthetic.signs import dialect_signs, signs

__all__ = [
    "EXPRESSIONS",
    "Camera",
    "Signer",
    "dialect_signs",
    "make_corpus",
    "make_signer",
    "perform",
    "perform_idle",
    "signs",
]
