"""The face of the parametric signer: 478 joints that can raise brows and smile."""

import numpy as np

from signnet.clip.shapes import Float
from signnet.skeleton import FACE_COUNT, MIRROR, PARTS

__all__ = ["make_face"]

Course = Float[np.ndarray, " time"]

# Contours of the signer's right half in MediaPipe's numbering. Positions are in face
# heights from the centre, x outwards and y down.
_OVAL = (109, 67, 103, 54, 21, 162, 127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148)
_LIDS = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
_BROW_TOP, _BROW_BOTTOM = (70, 63, 105, 66, 107), (46, 53, 52, 65, 55)
_LIP_RINGS = {
    (61, 185, 40, 39, 37): (0.16, -0.05),
    (61, 146, 91, 181, 84): (0.16, 0.06),
    (78, 191, 80, 81, 82): (0.135, -0.012),
    (78, 95, 88, 178, 87): (0.135, 0.012),
}
_MOUTH = 0.26
_MIDLINE = (
    *(10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 19, 94, 2),
    *(164, 0, 11, 12, 13, 14, 15, 16, 17, 18, 200, 199, 175, 152),
)
_MIDLINE_DOWN = (
    *(-0.5, -0.36, -0.25, -0.2, -0.14, -0.09, -0.04, 0, 0.04, 0.08, 0.1, 0.12, 0.14),
    *(0.15, 0.18, 0.21, 0.225, 0.24, 0.248, 0.272, 0.29, 0.31, 0.32, 0.36, 0.4, 0.43),
    *(0.47, 0.5),
)


def _face_shape() -> Float[np.ndarray, "478 3"]:
    """Place all face joints, the contours exactly and the rest evenly between them."""
    face = np.full((FACE_COUNT, 3), np.nan)
    face[list(_MIDLINE), 0], face[list(_MIDLINE), 1] = 0, _MIDLINE_DOWN
    for joints, right_half in _contours().items():
        face[list(joints), 0], face[list(joints), 1] = -right_half[0], right_half[1]
    opposite = np.array(MIRROR[PARTS["face"].start :]) - PARTS["face"].start
    bare = np.isnan(face[:, 0]) & (np.arange(FACE_COUNT) < opposite)
    golden = (0.5 + 0.618034 * np.arange(bare.sum())) % 1
    radius = 0.95 * np.sqrt((np.arange(bare.sum()) + 0.5) / bare.sum())
    face[bare, 0] = -0.43 * radius * np.sin(np.pi * golden)
    face[bare, 1] = 0.5 * radius * np.cos(np.pi * golden)
    left = np.isnan(face[:, 0])
    face[left, :2] = face[opposite[left], :2] * (-1, 1)
    bulge = 1 - (face[:, 0] / 0.46) ** 2 - (face[:, 1] / 0.56) ** 2
    face[:, 2] = 0.4 - 0.7 * np.sqrt(np.maximum(bulge, 0))
    face[[5, 4, 1, 19], 2] -= (0.05, 0.1, 0.12, 0.08)
    return face


def _contours() -> dict[tuple[int, ...], tuple[np.ndarray, np.ndarray]]:
    """Return x (outwards) and y of the contours of the signer's right half."""
    oval = np.arange(1, 18) * np.pi / 18
    lid = np.arange(16) * np.pi / 8
    brow = np.linspace(1, 0, 5)
    lip = np.arange(5) * np.pi / 10
    iris = np.arange(4) * np.pi / 2
    contours: dict[tuple[int, ...], tuple[np.ndarray, np.ndarray]] = {
        _OVAL: (0.435 * np.sin(oval), -0.5 * np.cos(oval)),
        _LIDS: (0.2 + 0.085 * np.cos(lid), -0.13 - 0.03 * np.sin(lid)),
        (468,): (np.array([0.2]), np.array([-0.13])),
        (469, 470, 471, 472): (0.2 - 0.03 * np.cos(iris), -0.13 - 0.03 * np.sin(iris)),
        _BROW_TOP: (0.07 + 0.25 * brow, -0.25 - 0.04 * np.sin(np.pi * brow)),
        _BROW_BOTTOM: (0.07 + 0.25 * brow, -0.22 - 0.04 * np.sin(np.pi * brow)),
    }
    for ring, (width, height) in _LIP_RINGS.items():
        contours[ring] = (width * np.cos(lip), _MOUTH + height * np.sin(lip))
    return contours


_FACE = _face_shape()
_BROWS = _FACE[:, 1] < -0.2
_LOWER_LIP = (np.abs(_FACE[:, 0]) < 0.15) & (_FACE[:, 1] > _MOUTH)
_MOUTH_CORNERS = (np.abs(_FACE[:, 0]) > 0.1) & (np.abs(_FACE[:, 1] - _MOUTH) < 0.06)


def make_face(expression: str, degree: Course) -> Float[np.ndarray, "time 478 3"]:
    """Move brows and mouth; `degree` is the strength in each frame."""
    brows = {"question": -0.05, "negation": 0.03, "sad": 0.02, "happy": -0.02}
    corners = {"happy": -0.04, "sad": 0.04, "negation": 0.02}
    jaw = {"question": 0.03, "happy": 0.03}
    lowered = (
        brows.get(expression, 0) * _BROWS
        + corners.get(expression, 0) * _MOUTH_CORNERS
        + jaw.get(expression, 0) * _LOWER_LIP
    )
    face = np.repeat(_FACE[None], len(degree), axis=0)
    face[..., 1] += degree[:, None] * lowered
    return face
