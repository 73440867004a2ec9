"""What signnet does, one function per use case.

The command line parses and prints; Python users and the commands call these functions.
`import signnet` offers them lazily, so that importing the package stays instant.
"""

from signnet.api.data import extract, read, write
from signnet.api.demo import DemoStep, demo
from signnet.api.evaluate import ModelComparison, ModelEvaluation, compare, evaluate
from signnet.api.models import ModelLike, enrol, load, predict, search
from signnet.api.pretrain import pretrain
from signnet.api.publish import Publication, prepare_publication, publish
from signnet.api.train import Run, train
from signnet.api.transcribe import transcribe

__all__ = [
    "DemoStep",
    "ModelComparison",
    "ModelEvaluation",
    "ModelLike",
    "Publication",
    "Run",
    "compare",
    "demo",
    "enrol",
    "evaluate",
    "extract",
    "load",
    "predict",
    "prepare_publication",
    "pretrain",
    "publish",
    "read",
    "search",
    "train",
    "transcribe",
    "write",
]
