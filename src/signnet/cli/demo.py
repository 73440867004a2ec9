"""The command that shows what signnet does, on invented signers."""

from pathlib import Path

from signnet.cli.progress import training_display


def demo(out: Path = Path("signnet-demo"), /, *, seed: int = 0) -> None:
    """Train, test and teach a model on invented signs, in about a minute.

    Parameters
    ----------
    out
        New folder for the dataset, the models and the report.
    seed
        Seed for signers, signs and training.
    """
    from signnet.api.demo import demo as show

    with training_display(1, 0) as (_, stage):
        steps = show(out, seed=seed, stage=stage)
    for number, step in enumerate(steps, 1):
        print(f"{number}. {step.says}")
    print("The live page, with the Bangla model: signnet models; signnet site site;")
    print("python3 -m http.server -d site 8000; then open http://localhost:8000")
