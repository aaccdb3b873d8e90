from __future__ import annotations

import pytest

from serve.engine.launch.causes import find_cause

LINES = {
    "driver_too_old": "RuntimeError: The NVIDIA driver on your system is too old (found version 12020).",
    "no_gpu": "RuntimeError: No CUDA GPUs are available",
    "gpu_busy": "ValueError: Free memory on device cuda:0 (12.3/79.1 GiB) on startup is less than desired GPU memory "
    "utilization (0.9, 71.2 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.",
    "memory_busy": "ValueError: Available memory on node 0 (3.1/15.6 GiB) on startup is less than desired CPU memory "
    "utilization (0.92, 14.4 GiB).",
    "context_over_memory": "ValueError: To serve at least one request with the model's max seq len (32768), (4.0 GiB KV "
    "cache is needed, which is larger than the available KV cache memory (1.5 GiB). Based on the available memory,",
    "no_cache_memory": "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization`",
    "gpu_memory": "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
    "memory": "RuntimeError: [enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory",
    "context_over_model": "Value error, User-specified max_model_len (99999) is greater than the derived max_model_len "
    "(max_position_embeddings=2048.0 or model_max_length=None in model's config.json).",
    "remote_code": "consider setting `trust_remote_code=True` in LLM or using the `--trust-remote-code` flag in the CLI.",
    "architecture": "Value error, Model architectures ['SkyForCausalLM'] are not supported for now. Supported: [...]",
    "model_type": "The checkpoint you are trying to load has model type `sky` but Transformers does not recognize this "
    "architecture.",
    "weights_missing": "RuntimeError: Cannot find any model weights with `/models/sky`",
    "weights_damaged": "SafetensorError: Error while deserializing header: incomplete metadata, file not fully covered",
    "not_a_model": "ValueError: Invalid repository ID or local directory specified: './none'.",
    "gated": "huggingface_hub.errors.GatedRepoError: 401 Client Error.",
    "unreachable": "OSError: We couldn't connect to 'https://huggingface.co' to load the files",
    "port_taken": "OSError: [Errno 98] Address already in use",
    "shared_memory": "OSError: [Errno 28] No space left on device: '/dev/shm/psm_1'",
    "disk_full": "OSError: [Errno 28] No space left on device",
    "permission": "PermissionError: [Errno 13] Permission denied: '/models/sky/config.json'",
    "flag": "vllm serve: error: unrecognized arguments: --no-such-flag 3",
}
FOLLOWING = (
    "\n(APIServer pid=2) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}"
)


class TestFindCause:
    @pytest.mark.parametrize("name", LINES)
    def test_knows_what_vllm_says_of_it(self, name: str) -> None:
        line = f"(EngineCore pid=7) ERROR 11-22 03:16:52 [core.py:1510] {LINES[name]}{FOLLOWING}"
        cause = find_cause(f"(APIServer pid=2) INFO 11-22 03:16:40 [x.py:1] loading\n{line}\n", 1)
        assert cause.name == name
        assert cause.sentence.endswith(".")
        assert "{" not in cause.sentence
        assert cause.hint

    def test_gives_the_figures_of_the_log(self) -> None:
        assert "2048 tokens at most, and 99999" in find_cause(LINES["context_over_model"], 1).sentence
        assert "32768 tokens needs 4.0 GiB" in find_cause(LINES["context_over_memory"], 1).sentence
        assert "architecture SkyForCausalLM." in find_cause(LINES["architecture"], 1).sentence

    def test_quotes_the_last_error_of_a_cause_that_it_does_not_know(self) -> None:
        text = (
            "(Worker pid=7) ERROR 11-22 03:16:52 [core.py:1] KeyError: 'layers.7'\n(Worker pid=7) INFO bye" + FOLLOWING
        )
        cause = find_cause(text, 1)
        assert cause.sentence == "It ended with code 1; its log says: KeyError: 'layers.7'."
        assert not cause.lasting

    def test_tells_a_kill_from_outside(self) -> None:
        cause = find_cause("INFO serving\n", 128 + 9)
        assert (cause.name, cause.lasting) == ("killed", False)

    def test_tells_an_engine_that_died_without_a_word(self) -> None:
        line = (
            "ERROR 11-22 03:18:21 [async_llm.py:906] vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered"
        )
        assert find_cause(f"{line}\nINFO:     Shutting down\n", 0).name == "engine_died"

    def test_has_something_to_say_of_an_empty_log(self) -> None:
        assert find_cause("", 3).sentence == "It ended with code 3."
        assert find_cause("", 128 + 11).sentence == "It was ended by signal 11."
        assert find_cause("", None).sentence == "It did not answer in time."
