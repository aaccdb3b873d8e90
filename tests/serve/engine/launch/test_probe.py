from __future__ import annotations

from serve.engine.launch.probe import Load, Probe, parse_load
from tests.serve.engine.launch.conftest import free_port
from tests.serve.engine.launch.fake_vllm import METRICS

LLAMA_CPP = """# TYPE llamacpp:prompt_tokens_total counter
llamacpp:prompt_tokens_total 10
# TYPE llamacpp:tokens_predicted_total counter
llamacpp:tokens_predicted_total 20
# TYPE llamacpp:requests_processing gauge
llamacpp:requests_processing 1
# TYPE llamacpp:requests_deferred gauge
llamacpp:requests_deferred 4
"""


class TestParseLoad:
    def test_reads_vllms_figures(self) -> None:
        assert parse_load(METRICS) == Load(3, 2, 0.25, 1200, 340)

    def test_sums_the_engines_of_a_server_and_means_their_shares(self) -> None:
        second = METRICS.replace('engine="0"', 'engine="1"').replace(" 0.25", " 0.75")
        samples = [line for line in (METRICS + second).splitlines() if not line.startswith("#")]
        assert parse_load("\n".join(samples) + "\n") == Load(6, 4, 0.5, 2400, 680)

    def test_reads_llama_cpps_figures(self) -> None:
        assert parse_load(LLAMA_CPP) == Load(1, 4, 0.0, 10, 20)

    def test_is_none_for_what_is_no_model_servers(self) -> None:
        assert parse_load("<html>") is None
        assert parse_load("") is None
        assert parse_load("process_cpu_seconds_total 3\n") is None


def test_a_server_that_is_not_there_is_not_healthy_and_serves_nothing() -> None:
    with Probe(f"http://127.0.0.1:{free_port()}/v1") as probe:
        assert not probe.healthy()
        assert probe.models() == []
        assert probe.load() is None
