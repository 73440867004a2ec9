"""The joints of a signer: names, parts, mirror pairs and bones.

553 joints in a fixed order: 33 of the body, 21 of each hand, 478 of the face. The
numbering within a part is MediaPipe's (pose, hand and face landmarker). *Left* and
*right* are the signer's own.
"""

from dataclasses import dataclass

__all__ = [
    "BONES",
    "BROWS",
    "EYES",
    "FACE_COUNT",
    "FACE_OUTLINE",
    "FINGERTIPS",
    "HAND_COUNT",
    "JOINTS",
    "JOINT_COUNT",
    "LIPS",
    "MESH_COUNT",
    "MIRROR",
    "NOSE",
    "PARTS",
    "Part",
    "index",
]

HAND_COUNT = 21
FACE_COUNT = 478

MESH_COUNT = 468
"""Points of the face without the irises, which come last."""

_POSE = """
nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer
left_ear right_ear mouth_left mouth_right left_shoulder right_shoulder left_elbow
right_elbow left_wrist right_wrist left_pinky right_pinky left_index right_index
left_thumb right_thumb left_hip right_hip left_knee right_knee left_ankle right_ankle
left_heel right_heel left_foot_index right_foot_index
""".split()

_HAND = """
wrist thumb_cmc thumb_mcp thumb_ip thumb_tip index_mcp index_pip index_dip index_tip
middle_mcp middle_pip middle_dip middle_tip ring_mcp ring_pip ring_dip ring_tip
pinky_mcp pinky_pip pinky_dip pinky_tip
""".split()

JOINTS: tuple[str, ...] = (
    *_POSE,
    *(f"left_hand_{name}" for name in _HAND),
    *(f"right_hand_{name}" for name in _HAND),
    *(f"face_{number}" for number in range(FACE_COUNT)),
)
"""The names of all joints, in the order of a clip's joint axis."""

JOINT_COUNT = len(JOINTS)

_INDEX = {name: number for number, name in enumerate(JOINTS)}


def index(name: str) -> int:
    """Return a joint's index on the joint axis; KeyError for an unknown name."""
    return _INDEX[name]


@dataclass(frozen=True)
class Part:
    """A group of joints that a tracker sees or misses together."""

    name: str
    start: int
    stop: int

    @property
    def joints(self) -> slice:
        """The part's slice of the joint axis."""
        return slice(self.start, self.stop)

    @property
    def count(self) -> int:
        """Number of joints of the part."""
        return self.stop - self.start


PARTS: dict[str, Part] = {
    "pose": Part("pose", 0, 33),
    "left_hand": Part("left_hand", 33, 54),
    "right_hand": Part("right_hand", 54, 75),
    "face": Part("face", 75, 553),
}

FINGERTIPS = (4, 8, 12, 16, 20)
"""Within a hand: thumb, index, middle, ring, pinky."""

# Groups within the face, by the contours that MediaPipe draws.
LIPS = (
    *(0, 13, 14, 17, 37, 39, 40, 61, 78, 80, 81, 82, 84, 87, 88, 91, 95, 146, 178, 181),
    *(185, 191, 267, 269, 270, 291, 308, 310, 311, 312, 314, 317, 318, 321, 324, 375),
    *(402, 405, 409, 415),
)
EYES = (
    *(7, 33, 133, 144, 145, 153, 154, 155, 157, 158, 159, 160, 161, 163, 173, 246, 249),
    *(263, 362, 373, 374, 380, 381, 382, 384, 385, 386, 387, 388, 390, 398, 466),
)
BROWS = (
    *(46, 52, 53, 55, 63, 65, 66, 70, 105, 107),
    *(276, 282, 283, 285, 293, 295, 296, 300, 334, 336),
)
NOSE = (1, 2, 4, 5, 6, 19, 94, 168, 195, 197)

# The face mesh is symmetric: entry i is the landmark opposite to i. Found by matching
# an average face with its mirror image (Hungarian method); the 28 fixed entries are
# the mid-line.
_FACE_MIRROR = tuple(
    int(number)
    for number in """
    0 1 2 248 4 5 6 249 8 9 10 11 12 13 14 15 16 17 18 19 250 251 252 253 254 255 256
    257 258 259 260 261 262 263 264 265 266 267 268 269 270 271 272 273 274 275 276 277
    278 279 280 281 282 283 284 285 286 287 288 289 290 291 292 293 294 295 296 297 298
    299 300 301 302 303 304 305 306 307 308 309 310 311 312 313 314 315 316 317 318 319
    320 321 322 323 94 324 325 326 327 328 329 330 331 332 333 334 335 336 337 338 339
    340 341 342 343 344 345 346 347 348 349 350 351 352 353 354 355 356 357 358 359 360
    361 362 363 364 365 366 367 368 369 370 371 372 373 374 375 376 377 378 379 151 152
    380 381 382 383 384 385 386 387 388 389 390 164 391 392 393 168 394 395 396 397 398
    399 175 400 401 402 403 404 405 406 407 408 409 410 411 412 413 414 415 416 417 418
    195 419 197 420 199 200 421 422 423 424 425 426 427 428 429 430 431 432 433 434 435
    436 437 438 439 440 441 442 443 444 445 446 447 448 449 450 451 452 453 454 455 456
    457 458 459 460 461 462 463 464 465 466 467 3 7 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59
    60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87
    88 89 90 91 92 93 95 96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112
    113 114 115 116 117 118 119 120 121 122 123 124 125 126 127 128 129 130 131 132 133
    134 135 136 137 138 139 140 141 142 143 144 145 146 147 148 149 150 153 154 155 156
    157 158 159 160 161 162 163 165 166 167 169 170 171 172 173 174 176 177 178 179 180
    181 182 183 184 185 186 187 188 189 190 191 192 193 194 196 198 201 202 203 204 205
    206 207 208 209 210 211 212 213 214 215 216 217 218 219 220 221 222 223 224 225 226
    227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 247
    473 476 475 474 477 468 471 470 469 472
    """.split()
)


def _swap_sides(name: str) -> str:
    if name.startswith("face_"):
        return f"face_{_FACE_MIRROR[int(name.removeprefix('face_'))]}"
    swapped = {"left": "right", "right": "left"}
    return "_".join(swapped.get(part, part) for part in name.split("_"))


MIRROR: tuple[int, ...] = tuple(index(_swap_sides(name)) for name in JOINTS)
"""Entry i is the joint on the other side of the body from joint i."""


def _outline() -> tuple[int, ...]:
    """List the mesh vertex of each iBUG point; the left half mirrors the right."""
    first = PARTS["face"].start

    def other(vertex: int) -> int:
        return MIRROR[first + vertex] - first

    jaw = [127, 234, 132, 58, 172, 150, 149, 148]
    brow = [70, 63, 105, 66, 107]
    eye = [33, 160, 158, 133, 153, 144]
    corner, upper, lower = 61, [40, 37], [84, 91]
    across = [
        *(*jaw, 152, *map(other, jaw[::-1])),
        *(*brow, *map(other, brow[::-1])),
        *(168, 6, 195, 4),
        *(98, 97, 2, other(97), other(98)),
        *eye,
        *(other(eye[point]) for point in (3, 2, 1, 0, 5, 4)),
        *(corner, *upper, 0, *map(other, upper[::-1]), other(corner)),
        *(*map(other, lower[::-1]), 17, *lower),
        *(78, 81, 13, other(81), other(78), other(178), 14, 178),
    ]
    return tuple(across)


FACE_OUTLINE: tuple[int, ...] = (*_outline(), 468, 473)
"""The face mesh vertex nearest to each of iBUG's 68 points (jaw, brows, nose, eyes,
lips), then the right and left pupil."""

_ARMS = """
left_shoulder-right_shoulder left_shoulder-left_elbow left_elbow-left_wrist
right_shoulder-right_elbow right_elbow-right_wrist left_shoulder-left_hip
right_shoulder-right_hip left_hip-right_hip
""".split()

_FINGERS = [(0, 1), (0, 5), (0, 17), (5, 9), (9, 13), (13, 17)] + [
    (joint, joint + 1) for root in (1, 5, 9, 13, 17) for joint in range(root, root + 3)
]

BONES: tuple[tuple[int, int], ...] = (
    *((index(start), index(end)) for start, end in (pair.split("-") for pair in _ARMS)),
    *(
        (PARTS[hand].start + start, PARTS[hand].start + end)
        for hand in ("left_hand", "right_hand")
        for start, end in _FINGERS
    ),
)
"""Pairs of joints to draw a line between: trunk, arms and hands."""
