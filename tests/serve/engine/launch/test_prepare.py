from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from serve.engine.launch.hardware import Gpu
from serve.engine.launch.placement import Place, on_cpu, on_gpus
from serve.engine.launch.ports import choose_ports, reserved
from serve.engine.launch.prepare import prepare
from serve.engine.launch.server import Server
from serve.engine.launch.state import ServerState, only_supervisor, write_state
from serve.engine.launch.wishes import Wishes
from serve.engine.profiles.profile import ModelProfile
from serve.engine.profiles.registry import find
from tests.serve.engine.launch.conftest import free_port
from vernacular.errors import BadRequest, Conflict, LaunchFailed, WeightsMissing
from vernacular.listening import bound_socket
from vernacular.settings import ModelServerSettings, Settings

GIB = 2**30
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "vocab_size": 600,
    "max_position_embeddings": 1024,
}


@pytest.fixture
def weights(tmp_path: Path) -> str:
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    (folder / "model.safetensors").write_bytes(b"0" * 1000)
    return str(folder)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """With a `vllm` whose build cannot be told."""
    program = tmp_path / "vllm"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    return Settings(home=tmp_path / "home", model_server=ModelServerSettings(command=str(program)))


@pytest.fixture
def nano() -> ModelProfile:
    return find("skyllm-nano")


@pytest.fixture
def on_two_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    lines = "".join(f"{number}, NVIDIA L4, 24576, 24000, 580.95.05\\n" for number in (0, 1))
    program.write_text(f"#!/bin/sh\nprintf '{lines}'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


def following(server: Server, flag: str) -> str:
    return server.argv[server.argv.index(flag) + 1]


class TestPrepareOnACpu:
    def test_makes_one_server_that_listens_on_this_machine_alone(
        self, nano: ModelProfile, settings: Settings, weights: str
    ) -> None:
        (server,) = prepare(nano, Wishes(weights=weights, cpu=True), settings)
        assert server.argv[:3] == (settings.model_server.command, "serve", weights)
        assert following(server, "--host") == "127.0.0.1"
        assert following(server, "--port") == str(server.port)
        assert (server.name, server.model, server.profile) == ("skyllm-nano", "skyllm-nano", "skyllm-nano")
        assert server.url == f"http://127.0.0.1:{server.port}/v1"

    def test_takes_the_context_from_the_weights_own_configuration(
        self, nano: ModelProfile, settings: Settings, weights: str
    ) -> None:
        (server,) = prepare(nano, Wishes(weights=weights, cpu=True), settings)
        assert following(server, "--max-model-len") == "1024"
        assert server.context_tokens == 1024

    def test_gives_the_key_by_environment_alone(self, nano: ModelProfile, settings: Settings, weights: str) -> None:
        (server,) = prepare(nano, Wishes(weights=weights, cpu=True), settings)
        assert len(server.api_key) > 40
        assert server.environment["VLLM_API_KEY"] == server.api_key
        assert server.api_key not in " ".join(server.argv)
        assert server.api_key not in repr(server)

    def test_reports_to_nobody_and_fetches_nothing(self, nano: ModelProfile, settings: Settings, weights: str) -> None:
        (server,) = prepare(nano, Wishes(weights=weights, cpu=True), settings)
        wanted = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}
        assert wanted.items() <= dict(server.environment).items()

    def test_lets_adapters_be_loaded_only_when_asked_and_never_by_path(
        self, nano: ModelProfile, settings: Settings, weights: str
    ) -> None:
        (without,) = prepare(nano, Wishes(weights=weights, cpu=True), settings)
        (with_them,) = prepare(nano, Wishes(weights=weights, cpu=True, loras=2), settings)
        assert without.environment["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] is None
        assert with_them.environment["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "True"
        assert (without.loras, with_them.loras) == (False, True)
        assert following(with_them, "--max-loras") == "2"
        for server in (without, with_them):
            assert server.environment["VLLM_LORA_RESOLVER_CACHE_DIR"] is None

    def test_makes_replicas_of_the_same_model_with_names_and_ports_of_their_own(
        self, nano: ModelProfile, settings: Settings, weights: str
    ) -> None:
        wishes = Wishes(weights=weights, cpu=True, replicas=2, name="pair", model="small")
        one, two = prepare(nano, wishes, settings)
        assert (one.name, two.name) == ("pair", "pair-2")
        assert one.model == two.model == following(one, "--served-model-name") == "small"
        assert one.port != two.port
        assert one.api_key != two.api_key

    def test_puts_the_operators_own_flags_last(self, nano: ModelProfile, settings: Settings, weights: str) -> None:
        extra = ("--kv-cache-memory-bytes", "123456789")
        (server,) = prepare(nano, Wishes(weights=weights, cpu=True, extra=extra), settings)
        assert server.argv[-2:] == extra

    def test_refuses_a_name_that_would_leave_its_folder(
        self, nano: ModelProfile, settings: Settings, weights: str
    ) -> None:
        for name in ("../x", "a/b", "A", ".x", "x" * 64):
            with pytest.raises(BadRequest, match="no name for a server"):
                prepare(nano, Wishes(weights=weights, cpu=True, name=name), settings)

    def test_names_open_models_of_the_size_when_nobody_knows_the_weights(self, settings: Settings) -> None:
        with pytest.raises(WeightsMissing, match="No public address") as told:
            prepare(find("skyllm-7b"), Wishes(cpu=True), settings)
        assert "qwen2.5-7b-instruct" in told.value.hint

    def test_refuses_a_model_larger_than_the_memory(self, settings: Settings) -> None:
        with pytest.raises(LaunchFailed, match="GiB of memory here"):
            prepare(find("kimi-k2"), Wishes(cpu=True, trust_remote_code=True), settings)

    def test_runs_a_models_own_code_only_when_that_was_agreed_to(self, settings: Settings) -> None:
        with pytest.raises(LaunchFailed, match="Python code of its own") as told:
            prepare(find("kimi-k2"), Wishes(cpu=True), settings)
        assert "--trust-remote-code" in told.value.hint


@pytest.mark.usefixtures("on_two_gpus")
class TestPrepareOnGpus:
    def test_takes_one_gpu_and_ninety_per_cent_of_it(
        self, nano: ModelProfile, settings: Settings, weights: str
    ) -> None:
        (server,) = prepare(nano, Wishes(weights=weights), settings)
        assert following(server, "--gpu-memory-utilization") == "0.9"
        assert server.environment["CUDA_VISIBLE_DEVICES"] == "0"

    def test_gives_each_replica_a_gpu_of_its_own(self, nano: ModelProfile, settings: Settings, weights: str) -> None:
        servers = prepare(nano, Wishes(weights=weights, replicas=2), settings)
        assert [server.environment["CUDA_VISIBLE_DEVICES"] for server in servers] == ["0", "1"]
        with pytest.raises(LaunchFailed, match="2 replicas here, and 3"):
            prepare(nano, Wishes(weights=weights, replicas=3), settings)

    def test_divides_a_model_among_gpus(self, nano: ModelProfile, settings: Settings, weights: str) -> None:
        (server,) = prepare(nano, Wishes(weights=weights, gpus=2), settings)
        assert following(server, "--tensor-parallel-size") == "2"
        assert "CUDA_VISIBLE_DEVICES" not in server.environment

    def test_takes_the_form_of_weights_that_was_asked_for(
        self, nano: ModelProfile, settings: Settings, weights: str
    ) -> None:
        (server,) = prepare(nano, Wishes(weights=weights, precision="fp8"), settings)
        assert following(server, "--quantization") == "fp8"
        with pytest.raises(BadRequest, match="do not come in int4"):
            prepare(nano, Wishes(weights=weights, precision="int4"), settings)
        profile = find("edge-qwen2.5-1.5b")
        chosen = {form: prepare(profile, Wishes(precision=form), settings)[0].argv[2] for form in ("int4", "bf16")}
        assert chosen == {form.precision: form.repository for form in profile.forms}

    def test_takes_the_gpu_that_was_named(self, nano: ModelProfile, settings: Settings, weights: str) -> None:
        (server,) = prepare(nano, Wishes(weights=weights, devices=(1,)), settings)
        assert server.environment["CUDA_VISIBLE_DEVICES"] == "1"
        with pytest.raises(BadRequest, match="no GPU 5"):
            prepare(nano, Wishes(weights=weights, devices=(5,)), settings)

    def test_refuses_a_number_that_does_not_divide_the_heads(
        self, nano: ModelProfile, settings: Settings, weights: str
    ) -> None:
        with pytest.raises(BadRequest, match="4 attention heads"):
            prepare(nano, Wishes(weights=weights, gpus=3), settings)


def test_no_gpu_is_told_where_one_is_needed(
    nano: ModelProfile, settings: Settings, weights: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LaunchFailed, match="no NVIDIA GPU"):
        prepare(nano, Wishes(weights=weights), settings)


class TestPrepareForLlamaCpp:
    @pytest.fixture
    def edge(self) -> ModelProfile:
        return find("edge-qwen2.5-1.5b")

    @pytest.fixture
    def llama(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
        """Only `llama-server` is on the path."""
        program = tmp_path / "llama-server"
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "python"))
        return Settings(home=tmp_path / "home")

    def test_is_chosen_where_it_alone_is_installed(self, edge: ModelProfile, llama: Settings) -> None:
        (server,) = prepare(edge, Wishes(), llama)
        assert Path(server.argv[0]).name == "llama-server"
        last = dict(zip(server.argv, server.argv[1:], strict=False))
        assert (last["--port"], last["--alias"], last["--host"]) == (str(server.port), edge.name, "127.0.0.1")
        assert server.environment == {"LLAMA_API_KEY": server.api_key}
        assert not server.loras

    def test_takes_a_file_of_weights_and_a_context(self, edge: ModelProfile, llama: Settings, tmp_path: Path) -> None:
        file = tmp_path / "model.gguf"
        file.touch()
        (server,) = prepare(edge, Wishes(weights=str(file), context_tokens=1000), llama)
        assert "-hf" not in server.argv
        last = dict(zip(server.argv, server.argv[1:], strict=False))
        assert (last["-m"], last["--ctx-size"]) == (str(file), "4000")
        with pytest.raises(WeightsMissing, match="no GGUF"):
            prepare(edge, Wishes(weights=str(tmp_path / "none.gguf")), llama)

    def test_serves_only_profiles_that_have_its_arguments(self, nano: ModelProfile, llama: Settings) -> None:
        with pytest.raises(BadRequest, match="no way for llama"):
            prepare(nano, Wishes(engine="llama.cpp"), llama)


class TestPlaces:
    def test_on_a_cpu_the_cache_grows_with_the_memory_that_is_left(self) -> None:
        architecture = find("qwen2.5-7b-instruct").architecture
        small, large = (
            on_cpu(memory * GIB, Wishes(), 15 * GIB, architecture, 8192)[0].kv_cache_bytes for memory in (20, 64)
        )
        assert small == (20 * GIB - 15 * GIB - 3 * GIB // 2) // 2
        assert large == 32 * 8192 * 56 * 1024

    def test_on_gpus_a_share_that_was_given_holds(self) -> None:
        gpus = [Gpu(0, "NVIDIA L4", 24 * GIB, 14 * GIB, "580.1")]
        wishes = Wishes(extra=("--gpu-memory-utilization=0.5",))
        (place,) = on_gpus(gpus, wishes, 5 * GIB, find("qwen3-8b").architecture)
        assert place == Place((), 1, 0.5)
        with pytest.raises(BadRequest, match="no number"):
            on_gpus(gpus, Wishes(extra=("--gpu-memory-utilization", "half")), GIB, find("qwen3-8b").architecture)


class TestChoosePorts:
    @pytest.fixture
    def claim(self, settings: Settings) -> Callable[[str, int], None]:
        def write(name: str, port: int) -> None:
            settings.models_path.mkdir(parents=True, exist_ok=True)
            write_state(settings, ServerState(name, "loading", "m", "p", port, "log", 0.0, os.getpid()))

        return write

    def test_passes_over_ports_that_are_taken_or_claimed(
        self, settings: Settings, claim: Callable[[str, int], None]
    ) -> None:
        (first,) = choose_ports(settings, 1)
        claim("other", first)
        with only_supervisor(settings, "other"):
            (second,) = choose_ports(settings, 1)
            assert second > first
            with bound_socket("127.0.0.1", second) as taken:
                taken.listen()
                assert choose_ports(settings, 1)[0] > second

    def test_passes_over_ports_that_a_server_of_another_home_will_listen_on(self, settings: Settings) -> None:
        (first,) = choose_ports(settings, 1)
        with reserved(first):
            assert choose_ports(settings, 1)[0] > first
            with pytest.raises(Conflict, match=f"Port {first} is taken"):
                choose_ports(settings, 1, first)
        assert choose_ports(settings, 1) == [first]

    def test_forgets_the_claim_of_one_that_is_gone(self, settings: Settings, claim: Callable[[str, int], None]) -> None:
        (first,) = choose_ports(settings, 1)
        claim("other", first)
        assert choose_ports(settings, 1) == [first]

    def test_tells_that_there_are_not_so_many_ports_after_the_one_asked_for(self, settings: Settings) -> None:
        with pytest.raises(BadRequest, match="There is no port 65536"):
            choose_ports(settings, 2, 65_535)

    def test_tells_that_the_port_asked_for_is_taken(self, settings: Settings) -> None:
        port = free_port()
        assert choose_ports(settings, 1, port) == [port]
        with bound_socket("127.0.0.1", port) as taken:
            taken.listen()
            with pytest.raises(Conflict, match=f"Port {port} is taken"):
                choose_ports(settings, 1, port)
