"""Why a model server died, read from its log: one sentence and what to do, instead of a traceback of three processes."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass

from serve.engine.launch.logs import without_prefix

QUOTED_CHARS = 300


@dataclass(frozen=True, slots=True)
class Cause:
    """`lasting`: another try would end the same way."""

    name: str
    sentence: str
    hint: str
    lasting: bool = True


@dataclass(frozen=True, slots=True)
class _Known:
    """`sentence` may use the pattern's named groups."""

    name: str
    pattern: re.Pattern[str]
    sentence: str
    hint: str
    lasting: bool = True


def find_cause(log_text: str, exit_code: int | None) -> Cause:
    """What the server's log and its exit code tell (128 plus the number for a signal; None: it never answered)."""
    for known in _KNOWN:
        if found := known.pattern.search(log_text):
            return Cause(known.name, known.sentence.format(**found.groupdict()), known.hint, known.lasting)
    if exit_code == 128 + signal.SIGKILL:
        return _KILLED
    quoted = _last_error(log_text)
    if _CONSEQUENCE.search(quoted):
        return _ENGINE_DIED
    if exit_code is None:
        sentence = "It did not answer in time"
    elif exit_code > 128:
        sentence = f"It was ended by signal {exit_code - 128}"
    else:
        sentence = f"It ended with code {exit_code}"
    return Cause("unknown", f"{sentence}{f'; its log says: {quoted}' if quoted else ''}.", "Read its log.", False)


def _last_error(log_text: str) -> str:
    """The last line that reads like an error, else the last line."""
    lines = [without_prefix(line) for line in log_text.splitlines()]
    lines = [line for line in lines if line]
    errors = [line for line in lines if _ERROR.match(line)]
    causes = [line for line in errors if not _CONSEQUENCE.search(line)]
    chosen = causes or errors or lines
    return chosen[-1][:QUOTED_CHARS].rstrip(".") if chosen else ""


_ERROR = re.compile(r"^([\w.]*(Error|Exception)\b|.*\berror:)")
_CONSEQUENCE = re.compile(r"See root cause above|EngineDeadError|EngineCore encountered an issue")

_KILLED = Cause(
    "killed",
    "It was killed from outside (SIGKILL), as the system does with what takes too much memory.",
    "See `dmesg | grep -i oom`; if it was memory, use a smaller model, a shorter --context, or a machine with more.",
    lasting=False,
)

_ENGINE_DIED = Cause(
    "engine_died",
    "Its engine process died without a word, as when the system ends what takes too much memory.",
    "See `dmesg | grep -i oom`.",
    lasting=False,
)

_KNOWN = [
    _Known(
        "driver_too_old",
        re.compile(
            r"NVIDIA driver on your system is too old|CUDA driver version is insufficient"
            r"|forward compatibility was attempted on non supported HW"
        ),
        "The NVIDIA driver is too old for this vLLM's CUDA.",
        "Update the driver, or install a vLLM built for an older CUDA.",
    ),
    _Known(
        "no_gpu",
        re.compile(
            r"No CUDA GPUs are available|Found no NVIDIA driver|Failed to infer device type"
            r"|no CUDA-capable device is detected|libcuda\.so\.1: cannot open"
        ),
        "vLLM found no GPU.",
        "See that `nvidia-smi` shows one to this user; with a CPU build of vLLM, use --cpu.",
    ),
    _Known(
        "gpu_busy",
        re.compile(
            r"Free memory on device (?P<device>\S+) \((?P<free>[\d.]+)/(?P<total>[\d.]+) GiB\) on startup is less than"
        ),
        "Only {free} of {total} GiB are free on {device}, less than the share that vLLM was told to take.",
        "Stop what else uses the GPU, or give vLLM less: `-- --gpu-memory-utilization 0.5`.",
        lasting=False,
    ),
    _Known(
        "memory_busy",
        re.compile(
            r"Available memory on node \d+ \((?P<free>[\d.]+)/(?P<total>[\d.]+) GiB\) on (?:startup|kv cache)"
            r"|Not enough available memory.*kv[-_ ]cache"
        ),
        "The machine has too little free memory for the model and its cache.",
        "Stop what else takes memory, or give the cache less: `-- --kv-cache-memory-bytes 268435456`.",
        lasting=False,
    ),
    _Known(
        "context_over_memory",
        re.compile(
            r"max seq len \((?P<context>\d+)\), \((?P<needed>[\d.]+) GiB KV cache is needed, which is larger than the "
            r"available KV cache memory \((?P<available>[\d.]+) GiB\)"
        ),
        "A context of {context} tokens needs {needed} GiB of cache, and {available} GiB are left beside the weights.",
        "Choose a shorter --context, or see `vernacular model plan` for what would hold it.",
    ),
    _Known(
        "no_cache_memory",
        re.compile(r"No available memory for the cache blocks"),
        "The weights leave no memory for the cache.",
        "Use more or larger GPUs, or a quantised profile; `vernacular model plan` shows what fits.",
    ),
    _Known(
        "gpu_memory",
        re.compile(r"CUDA out of memory|torch\.(?:cuda\.)?OutOfMemoryError|CUDA error: out of memory"),
        "The GPU's memory was not enough.",
        "Use more or larger GPUs, a quantised profile or a shorter --context; `vernacular model plan` shows what fits.",
    ),
    _Known(
        "memory",
        re.compile(r"DefaultCPUAllocator: (?:can't|not enough) (?:allocate )?memory|^MemoryError", re.MULTILINE),
        "The machine's memory was not enough.",
        "Use a smaller model or a shorter --context, or a machine with more memory.",
    ),
    _Known(
        "context_over_model",
        re.compile(r"max_model_len \((?P<asked>\d+)\) is greater than the derived max_model_len \(\w+=(?P<most>\d+)"),
        "The model takes {most} tokens at most, and {asked} were asked for.",
        "Choose a shorter --context.",
    ),
    _Known(
        "remote_code",
        re.compile(
            r"trust_remote_code=True|--trust-remote-code|requires you to execute the (?:configuration|modeling)"
        ),
        "The model comes with Python code of its own, which nobody has agreed to run.",
        "Read the .py files beside its weights; if you trust them, add --trust-remote-code.",
    ),
    _Known(
        "architecture",
        re.compile(
            r"Model architectures? \[?'?(?P<architecture>\w+)'?[\w', ]*\]? (?:are not supported for now"
            r"|was supported in vLLM until|is not supported in-tree)"
        ),
        "This vLLM does not know the architecture {architecture}.",
        "Install a newer vLLM, or choose another model.",
    ),
    _Known(
        "model_type",
        re.compile(r"model type `(?P<type>[\w.-]+)` but Transformers does not recognize this architecture"),
        "The installed transformers does not know the model type {type}.",
        "Update vLLM and transformers, or choose another model.",
    ),
    _Known(
        "weights_missing",
        re.compile(
            r"Cannot find any model weights with"
            r"|No such file or directory: \\?['\"][^'\"]*\.(?:safetensors|bin|gguf)"
            r"|No such file or directory \(os error 2\)"
            r"|weights were not initialized from checkpoint"
        ),
        "Weights are missing from the model's folder.",
        "Compare the folder with its source: every file that model.safetensors.index.json names must be there.",
    ),
    _Known(
        "weights_damaged",
        re.compile(r"SafetensorError|safetensors_rust\.\w+|Error while deserializing header|invalid magic"),
        "A file of weights is damaged or was not fetched whole.",
        "Fetch the model's folder again.",
    ),
    _Known(
        "not_a_model",
        re.compile(r"Invalid repository ID or local directory specified|is not a valid model identifier"),
        "What was given as weights is neither a model's folder nor a repository.",
        "Give --weights a folder that holds config.json and *.safetensors.",
    ),
    _Known(
        "gated",
        re.compile(r"GatedRepoError|You are trying to access a gated repo|401 Client Error"),
        "The repository asks for an account that has agreed to its terms.",
        "Agree to them on the model's page and set HF_TOKEN, or fetch the weights yourself and give their folder.",
    ),
    _Known(
        "unreachable",
        re.compile(
            r"OfflineModeIsEnabled|LocalEntryNotFoundError|Couldn't connect to|We couldn't connect to"
            r"|Temporary failure in name resolution|Cannot reach https?://"
        ),
        "The weights are not on this machine, and their repository cannot be reached.",
        "Fetch them on a machine with a network, copy the folder here, and give it with --weights.",
        lasting=False,
    ),
    _Known(
        "port_taken",
        re.compile(r"[Aa]ddress already in use|couldn't bind (?:to )?(?:HTTP )?server socket"),
        "Another program took the port.",
        "Choose another with --port, or leave it out.",
    ),
    _Known(
        "shared_memory",
        re.compile(r"dev/shm.*[Nn]o space left|No space left on device.*shm|Bus error"),
        "The shared memory (/dev/shm) is too small.",
        "In a container, start it with `--ipc=host` or `--shm-size 8g`.",
    ),
    _Known(
        "disk_full",
        re.compile(r"No space left on device"),
        "The disk is full.",
        "Free some space where the weights and caches lie.",
    ),
    _Known(
        "permission",
        re.compile(r"Permission denied: ['\"](?P<path>[^'\"]+)"),
        "This user may not read or write {path}.",
        "Correct the rights of that path, or run as its owner.",
    ),
    _Known(
        "flag",
        re.compile(r"error: (?P<complaint>(?:unrecognized arguments?|argument|invalid)[^\n]{0,200})"),
        "The server refused a flag: {complaint}.",
        "Correct what follows `--`; this version's flags are listed by its `--help=all`.",
    ),
]
