"""Training in several processes, each with its share of every batch.

The result is that of one process: all draw the same batch, put its variants through the
front end, and continue with every n-th clip; gradients and the features' statistics are
those of the whole batch. Only dropout differs, since each process draws its own.
"""

import logging
import tempfile
import threading
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, distributed, nn

__all__ = ["launch", "open_fabric", "share_norms"]


def open_fabric(processes: int = 1) -> Fabric:
    """Choose the device, or one for each process."""
    precision: Any = "bf16-mixed" if torch.cuda.is_available() else "32-true"
    strategy = "ddp_spawn" if processes > 1 else "auto"
    return Fabric(
        accelerator="auto", devices=processes, strategy=strategy, precision=precision
    )


def launch(
    work: Callable[[Fabric, Callable[..., None]], Any],
    processes: int,
    watch: Callable[..., None],
) -> Any:
    """Run a function in several processes and return the result of the first.

    Parameters
    ----------
    work
        Function of its Fabric and a callback for reports; it must be picklable.
    processes
        Number of processes. With several, `work` returns plain values and tensors.
    watch
        Callback, called in this process with what the first process reports.
    """
    if processes == 1:
        return work(open_fabric(), watch)
    reports = torch.multiprocessing.get_context("spawn").SimpleQueue()
    forwarder = threading.Thread(target=_forward, args=(reports, watch))
    forwarder.start()
    fabric: Any = open_fabric(processes)
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    # The result goes through a file. A queue would be read after the processes have
    # ended, but they cannot end before it is read, and an ended process cannot share
    # its tensors.
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.pt"
        try:
            fabric.launch(_in_process, work, reports, result)
        finally:
            reports.put(None)
            forwarder.join()
        return torch.load(result, weights_only=True)


def _in_process(
    fabric: Fabric, work: Callable[..., Any], reports: Any, result: Path
) -> None:
    # The warning is about memory layout, which costs nothing here.
    warnings.filterwarnings("ignore", message="Grad strides do not match")
    made = work(fabric, partial(_report, reports))
    if fabric.global_rank == 0:
        torch.save(made, result)


def _report(reports: Any, *report: Any) -> None:
    reports.put(report)


def _forward(reports: Any, watch: Callable[..., None]) -> None:
    for report in iter(reports.get, None):
        watch(*report)


class SharedNorm(nn.BatchNorm1d):
    """Batch norm without weights over the batch of all processes.

    Notes
    -----
    torch.nn.SyncBatchNorm is for GPUs only. No gradient goes through the statistics:
    its input comes from the front end, which is not trained.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalise tokens[token, feature]; in training also update the statistics."""
        if not self.training:
            return super().forward(input)
        x = input.detach().double()
        sums = torch.cat([x.sum(0), x.square().sum(0), x.new_tensor([len(x)])])
        distributed.all_reduce(sums)
        mean, square = sums[:-1].div(sums[-1]).chunk(2)
        spread = (square - mean.square()).clamp_min(0)
        self._update(mean, spread * sums[-1] / (sums[-1] - 1))
        return ((x - mean) / (spread + self.eps).sqrt()).to(input.dtype)

    def _update(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None:
            return
        share = self.momentum or 0.0
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_var.lerp_(variance.to(self.running_var.dtype), share)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)


def share_norms(network: nn.Module) -> None:
    """Let the batch norms of a network use the clips of all processes."""
    for module in network.modules():
        if type(module) is nn.BatchNorm1d and not module.affine:
            module.__class__ = SharedNorm
