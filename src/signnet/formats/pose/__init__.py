"""`.pose` files of sign-language-processing, read and written by their own library.

Points are in pixels with a confidence; 0 means not seen.
"""

from signnet.formats.pose.film import film_of_pose
from signnet.formats.pose.reading import read_pose, sources
from signnet.formats.pose.writing import write_poses

__all__ = ["film_of_pose", "read_pose", "sources", "write_poses"]
