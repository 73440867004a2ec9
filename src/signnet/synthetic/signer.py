"""The parametric signer: body, habits and camera."""

from dataclasses import dataclass

from numpy.random import Generator

__all__ = ["Camera", "Signer", "make_signer"]


@dataclass(frozen=True, kw_only=True)
class Camera:
    """The camera: where and how large the signer appears in the picture."""

    aspect: float = 16 / 9
    """Width of the picture divided by its height."""

    zoom: float = 1.5
    """Picture heights per metre."""

    centre: tuple[float, float] = (0.5, 0.6)
    """Position of the mid-shoulder point, in picture widths and heights."""

    slant: float = 0.0
    """Degrees by which the camera stands to the side."""

    tilt: float = 0.0
    """Degrees by which the camera is rolled."""


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A person with a body, habits and a camera."""

    name: str
    left_handed: bool = False
    dialect: bool = False
    """Whether half of the signs are made in another form."""

    size: float = 1.0
    """Length of the whole body relative to the average."""

    shoulders: float = 0.34
    upper_arm: float = 0.27
    forearm: float = 0.24
    hand: float = 1.0
    """Size of the hand relative to the average."""

    head: float = 1.0
    tempo: float = 1.0
    """Speed relative to the average of one sign in 1.8 seconds."""

    rest: tuple[float, float, float] = (0.06, 0.36, -0.16)
    """Where a hand rests: outwards, down, away from the camera, in metres."""

    place_spread: float = 0.085
    """How far a performance lies from where the sign belongs (deviation in metres)."""

    noise: float = 0.002
    """Deviation of single landmarks, in picture heights."""

    hand_dropout: float = 0.1
    """Fraction of frames in which the tracker loses a hand."""

    frame_dropout: float = 0.01
    """Fraction of frames in which it loses everything."""

    camera: Camera = Camera()


def make_signer(number: int, rng: Generator) -> Signer:
    """Draw a signer with random proportions, habits and camera.

    Every third is left-handed: one in ten would be realistic, but tests need some.
    """
    return Signer(
        name=f"P{number:02d}",
        left_handed=number % 3 == 0,
        size=rng.uniform(0.9, 1.1),
        shoulders=rng.uniform(0.31, 0.37),
        upper_arm=rng.uniform(0.25, 0.29),
        forearm=rng.uniform(0.22, 0.26),
        hand=rng.uniform(0.9, 1.1),
        head=rng.uniform(0.95, 1.05),
        tempo=rng.uniform(0.75, 1.4),
        rest=(rng.uniform(0.0, 0.12), rng.uniform(0.3, 0.4), rng.uniform(-0.2, -0.1)),
        noise=rng.uniform(0.001, 0.003),
        hand_dropout=rng.uniform(0.0, 0.25),
        frame_dropout=rng.uniform(0.0, 0.02),
        camera=_make_camera(rng),
    )


def _make_camera(rng: Generator) -> Camera:
    aspect = float(rng.choice([16 / 9, 4 / 3, 9 / 16]))
    zoom = rng.uniform(1.2, 1.7) * min(1, 0.4 + aspect / 2)
    centre = (rng.uniform(0.45, 0.55), rng.uniform(0.52, 0.62))
    slant, tilt = rng.uniform(-20, 20), rng.normal(0, 2)
    return Camera(aspect=aspect, zoom=zoom, centre=centre, slant=slant, tilt=tilt)
