"""What can be seen before a model server is started, in seconds instead of the minutes that it takes to die of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from serve.engine.launch.hardware import Gpu
from serve.engine.launch.program import Program
from vernacular.errors import LaunchFailed, WeightsMissing

# the oldest driver that runs a CUDA of that major version, https://docs.nvidia.com/deploy/cuda-compatibility
OLDEST_DRIVER = {11: 450, 12: 525, 13: 580}
WEIGHT_ENDINGS = (".safetensors", ".bin", ".pt", ".gguf")
DUMMY = "dummy"
GPU_OVERHEAD = 2 << 30  # CUDA context and graphs, activations of one batch
CPU_OVERHEAD = 3 << 29  # vLLM and torch themselves
PLAN_HINT = "`vernacular model plan PROFILE` shows what would hold it; `--precision int4` may, if the profile has it."


def check_weights(location: str, load_format: str = "") -> None:
    """
    Raises:
        WeightsMissing: the folder holds no weights, or not all that its index names.
    """
    folder = Path(location)
    if not folder.is_dir() or load_format == DUMMY:
        return
    missing = sorted(name for name in _indexed(folder) if not (folder / name).is_file())
    if missing:
        named = missing[0] + (f" and {len(missing) - 1} more" if len(missing) > 1 else "")
        raise WeightsMissing(f"The folder {location} lacks {named}.", "Fetch the missing files; its index names them.")
    if not any(path.name.endswith(WEIGHT_ENDINGS) for path in folder.iterdir()):
        raise WeightsMissing(
            f"The folder {location} holds config.json but no weights.",
            "Fetch its *.safetensors; `-- --load-format dummy` serves random weights, to measure speed.",
        )


def check_build(program: Program, cpu: bool) -> None:
    """
    Raises:
        LaunchFailed: this vLLM was built for a GPU and is to run without one, or the other way round.
    """
    if cpu and program.built_for in ("cuda", "rocm", "xpu"):
        raise LaunchFailed(
            f"The vLLM at {program.path} was built for {program.built_for.upper()}, and runs on no CPU.",
            "Install its CPU build in a venv of its own, and name it by VERNACULAR_MODEL_SERVER__COMMAND.",
        )
    if not cpu and program.built_for == "cpu":
        raise LaunchFailed(
            f"The vLLM at {program.path} was built for the CPU, and uses no GPU.",
            "Add --cpu, or install vLLM's CUDA build.",
        )


def check_driver(program: Program, gpus: Sequence[Gpu]) -> None:
    """
    Raises:
        LaunchFailed: there is no GPU, or its driver is too old for the CUDA that vLLM was built with.
    """
    if not gpus:
        raise LaunchFailed(
            "There is no NVIDIA GPU here: `nvidia-smi` is missing or shows none.",
            "Install the driver, give the container the GPU (`--gpus all`), or use --cpu for a small model.",
        )
    oldest = OLDEST_DRIVER.get(program.cuda, 0)
    major = gpus[0].driver.split(".")[0]
    if major.isdecimal() and int(major) < oldest:  # where the driver does not tell, vLLM finds out
        raise LaunchFailed(
            f"The NVIDIA driver {gpus[0].driver} is too old: the installed vLLM uses CUDA {program.cuda}, which needs "
            f"{oldest} or newer.",
            "Update the driver, or install a vLLM built for an older CUDA.",
        )


def choose_gpus(gpus: Sequence[Gpu], weights: int, share: float, heads: int, count: int = 0) -> list[Gpu]:
    """The GPUs that hold `weights` bytes together; `count` 0: as few as will do, of which `heads` is a multiple.

    `share`: of each GPU's memory, what the server may take. The freest come first.

    Raises:
        LaunchFailed: there are too few, they are too small, or others use them.
    """
    freest = sorted(gpus, key=lambda gpu: (-gpu.free, gpu.index))
    if count > len(freest):
        raise LaunchFailed(f"{count} GPUs were asked for, and {len(freest)} are free here.", "Ask for fewer.")
    counts = [count] if count else [number for number in (1, 2, 4, 8) if number <= len(freest) and not heads % number]
    for number in counts:
        chosen = freest[:number]
        if all(weights / number + GPU_OVERHEAD <= gpu.total * share for gpu in chosen):
            _check_free(chosen, share)
            return sorted(chosen, key=lambda gpu: gpu.index)
    most = freest[: counts[-1]]
    raise LaunchFailed(
        f"The weights take {_gib(weights)}, and {len(most)} × {most[0].title} cannot hold them beside a cache.",
        PLAN_HINT,
    )


def _check_free(chosen: Sequence[Gpu], share: float) -> None:
    """vLLM refuses to start where less is free than the share it is to take."""
    for gpu in chosen:
        if gpu.free < gpu.total * share:
            raise LaunchFailed(
                f"GPU {gpu.index} ({gpu.title}) has only {_gib(gpu.free)} free, and the server takes "
                f"{_gib(int(gpu.total * share))}.",
                "Stop what else uses it, or let the server take less: `-- --gpu-memory-utilization 0.5`.",
            )


def check_memory(available: int, weights: int, cache: int, servers: int) -> None:
    """
    Raises:
        LaunchFailed: a machine with `available` bytes left does not hold as many servers on its CPU.
    """
    needed = servers * (weights + cache + CPU_OVERHEAD)
    if needed > available:
        raise LaunchFailed(
            f"The model needs about {_gib(needed)} of memory here, and {_gib(available)} are free.",
            "Stop what else takes memory, or use a smaller model, fewer replicas or a shorter --context.",
        )


def _indexed(folder: Path) -> set[str]:
    names = _json(folder / "model.safetensors.index.json").get("weight_map")
    return {str(name) for name in names.values()} if isinstance(names, dict) else set()


def _json(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"
