"""From a profile and an operator's wishes to the servers that are to run, or one clear sentence why they cannot."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from serve.engine.launch import llama_cpp
from serve.engine.launch.hardware import available_memory, gpus
from serve.engine.launch.placement import Place, on_cpu, on_gpus, on_other
from serve.engine.launch.ports import choose_ports
from serve.engine.launch.preflight import check_build, check_driver, check_weights
from serve.engine.launch.program import Program, find_program, installed
from serve.engine.launch.server import HOST, Server
from serve.engine.launch.wishes import TRUST, Wishes
from serve.engine.planner.command import ServeOptions, serve_arguments, serve_environment
from serve.engine.planner.config import with_own_figures, with_repository
from serve.engine.planner.memory import weight_bytes
from serve.engine.planner.render import STREAM_INTERVAL
from serve.engine.profiles.profile import ModelProfile, Precision, WeightForm
from serve.engine.profiles.weights import locate
from vernacular.errors import BadRequest, LaunchFailed, UnreadableFile
from vernacular.settings import ModelServerSettings, Settings

CONTEXT_TOKENS, CPU_CONTEXT_TOKENS = 32_768, 8_192
KEY_BYTES = 32
# makes a replica, given its name and port
_Maker = Callable[[str, int], Server]
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
# The resolver that these turn on joins whatever model a request names to a path, `../` included, and loads what is there.
_RESOLVERS = ("VLLM_LORA_RESOLVER_CACHE_DIR", "VLLM_LORA_RESOLVER_HF_REPO_LIST")


@dataclass(frozen=True, slots=True)
class _Model:
    """What is to be served: `figures` is the profile, with those of the weights' own folder where there is one."""

    profile: ModelProfile
    figures: ModelProfile
    form: WeightForm
    weights: str
    name: str

    @property
    def size(self) -> int:
        return weight_bytes(self.figures.architecture, self.form).total


def prepare(profile: ModelProfile, wishes: Wishes, settings: Settings) -> list[Server]:
    """A server for each replica, checked as far as can be without starting it.

    Raises:
        WeightsMissing: nobody knows where the weights are, or some are not there.
        LaunchFailed: the program, a GPU, its driver or memory is wanting.
        Conflict: the port is taken.
        BadRequest: the wishes do not go together.
    """
    names = server_names(profile, wishes)
    if _by_llama_cpp(profile, wishes, settings.model_server):
        makers = _llama_cpp(profile, wishes, settings.model_server)
    else:
        makers = _vllm(profile, wishes, settings)
    ports = choose_ports(settings, wishes.replicas, wishes.port)
    return [make(name, port) for make, name, port in zip(makers, names, ports, strict=True)]


def server_names(profile: ModelProfile, wishes: Wishes) -> list[str]:
    """A name for each replica.

    Raises:
        BadRequest: the wished-for name cannot be a file's.
    """
    name = wishes.name or profile.name
    if not _NAME.fullmatch(name):
        raise BadRequest(
            f"{name!r} is no name for a server.", "Use lower-case letters, digits, dots, hyphens and underscores."
        )
    return [name, *(f"{name}-{number}" for number in range(2, wishes.replicas + 1))]


def _by_llama_cpp(profile: ModelProfile, wishes: Wishes, settings: ModelServerSettings) -> bool:
    if llama_cpp.wanted(profile, wishes, settings):
        return True
    only_choice = installed("vllm", settings) is None and installed("llama-server", settings) is not None
    return bool(profile.llama_cpp) and not wishes.engine and only_choice


def _llama_cpp(profile: ModelProfile, wishes: Wishes, settings: ModelServerSettings) -> list[_Maker]:
    program = find_program("llama-server", settings)
    model = wishes.model or profile.name

    def make(name: str, port: int) -> Server:
        key = secrets.token_urlsafe(KEY_BYTES)
        arguments = llama_cpp.arguments(profile, wishes, model, port)
        return Server(
            name,
            (str(program.path), *arguments),
            port,
            key,
            model,
            profile.name,
            {"LLAMA_API_KEY": key},
            context_tokens=wishes.context_tokens or profile.context_tokens,
        )

    return [make] * wishes.replicas


def _vllm(profile: ModelProfile, wishes: Wishes, settings: Settings) -> list[_Maker]:
    model = _model(profile, wishes, settings.model_server)
    program = find_program("vllm", settings.model_server)
    found = [] if wishes.cpu else gpus()
    cpu = wishes.cpu or (profile.edge and (program.built_for == "cpu" or not found))
    check_build(program, cpu)
    context_tokens = wishes.context_tokens or min(
        model.figures.context_tokens, CPU_CONTEXT_TOKENS if cpu else CONTEXT_TOKENS
    )
    architecture = model.figures.architecture
    if cpu:
        places = on_cpu(available_memory(), wishes, model.size, architecture, context_tokens)
    elif program.built_for in ("rocm", "xpu"):
        places = on_other(wishes)
    else:
        check_driver(program, found)
        places = on_gpus(found, wishes, model.size, architecture)

    common = _common(model, wishes, context_tokens, settings.generation.stream == "sentences")
    return [_server(profile, program, place, common) for place in places]


def _model(profile: ModelProfile, wishes: Wishes, settings: ModelServerSettings) -> _Model:
    published = (form.repository for form in profile.forms if form.precision == wishes.precision)
    weights = locate(profile, wishes.weights, settings.weights, next(published, ""))
    check_weights(weights, wishes.extra_value("--load-format"))
    if profile.trust_remote_code and not wishes.trusts_code:
        raise LaunchFailed(
            f"{profile.title} comes with Python code of its own, which vLLM would run.",
            f"Read the .py files beside its weights; if you trust them, add {TRUST}.",
        )
    figures = _figures(profile, weights, given=bool(wishes.weights))
    return _Model(profile, figures, _form(figures, wishes.precision), weights, wishes.model or profile.name)


def _figures(profile: ModelProfile, weights: str, given: bool) -> ModelProfile:
    """Of an architecture that is not understood, the profile's own figures stand."""
    if Path(weights).is_dir():
        with contextlib.suppress(UnreadableFile):
            return with_own_figures(profile, Path(weights))
    return with_repository(profile, weights) if given else profile


def _form(figures: ModelProfile, precision: Precision | None) -> WeightForm:
    found = [form for form in figures.forms if precision in (None, form.precision)]
    if not found:
        known = ", ".join(form.precision for form in figures.forms)
        raise BadRequest(f"These weights of {figures.title} do not come in {precision}.", f"They come in {known}.")
    return found[0]


def _common(model: _Model, wishes: Wishes, context_tokens: int, sentences: bool) -> ServeOptions:
    """What the replicas share. `sentences`: the gateway sends whole ones, so nobody sees that tokens come in fours."""
    trusted = (TRUST,) if wishes.trusts_code and not model.profile.trust_remote_code else ()
    return ServeOptions(
        weights=model.weights,
        name=model.name,
        host=HOST,
        context_tokens=context_tokens,
        stream_interval=STREAM_INTERVAL if sentences else 1,
        quantization=model.form.quantization,
        loras=wishes.loras,
        extra=(*trusted, *wishes.extra),
    )


def _server(profile: ModelProfile, program: Program, place: Place, common: ServeOptions) -> _Maker:
    def make(name: str, port: int) -> Server:
        options = replace(
            common,
            port=port,
            memory_share=place.memory_share,
            kv_cache_bytes=place.kv_cache_bytes,
            tensor_parallel=place.tensor_parallel,
            cpu=place.cpu,
            cpu_threads=place.cpu_threads,
        )
        key = secrets.token_urlsafe(KEY_BYTES)
        return Server(
            name,
            (str(program.path), "serve", *serve_arguments(profile, options)),
            port,
            key,
            options.name,
            profile.name,
            _environment(options, place, key),
            vision=profile.vision,
            loras=options.loras > 0,
            context_tokens=options.context_tokens,
        )

    return make


def _environment(options: ServeOptions, place: Place, key: str) -> Mapping[str, str | None]:
    """Byte code is written, whatever is set here: without it each start takes a minute more."""
    found: dict[str, str | None] = dict.fromkeys(("PYTHONDONTWRITEBYTECODE", *_RESOLVERS))
    if not options.loras:
        found["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] = None
    if place.devices:
        found["CUDA_VISIBLE_DEVICES"] = ",".join(map(str, place.devices))
    return {**found, **serve_environment(options), "VLLM_API_KEY": key, "PYTHONUNBUFFERED": "1"}
