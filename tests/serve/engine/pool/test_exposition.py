from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from serve.engine.pool.exposition import merged

VLLM = b"""# HELP python_info Python
# TYPE python_info gauge
python_info{version="3.11"} 1.0
# HELP vllm:num_requests_running Number of requests.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m\\"} 1"} 2.0
# HELP vllm:lora_requests_info Running stats on LoRA requests.
# TYPE vllm:lora_requests_info gauge
vllm:lora_requests_info{running_lora_adapters="acme-secret"} 1.7e+09
# HELP vllm:e2e_request_latency_seconds Latency.
# TYPE vllm:e2e_request_latency_seconds histogram
vllm:e2e_request_latency_seconds_bucket{le="0.5",model_name="m"} 1.0
vllm:e2e_request_latency_seconds_bucket{le="+Inf",model_name="m"} 1.0
vllm:e2e_request_latency_seconds_count{model_name="m"} 1.0
vllm:e2e_request_latency_seconds_sum{model_name="m"} 0.25
# TYPE vllm:plain_total counter
vllm:plain_total 3
"""


def families(text: bytes) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    return {
        family.name: {
            tuple(sorted({"": sample.name, **sample.labels}.items())): sample.value for sample in family.samples
        }
        for family in text_string_to_metric_families(text.decode())
    }


class TestMerged:
    def test_describes_a_family_once_and_labels_every_sample(self) -> None:
        text = merged({"gpu-a": VLLM, "gpu-b": VLLM})
        assert text.count(b"# TYPE vllm:e2e_request_latency_seconds ") == 1
        found = families(text)
        assert len(found["vllm:e2e_request_latency_seconds"]) == 8
        assert all(dict(labels)["replica"] in {"gpu-a", "gpu-b"} for samples in found.values() for labels in samples)

    def test_keeps_values_and_labels_as_they_are(self) -> None:
        found = families(merged({"a": VLLM}))
        running = {"": "vllm:num_requests_running", "engine": "0", "model_name": 'm"} 1', "replica": "a"}
        assert found["vllm:num_requests_running"] == {tuple(sorted(running.items())): 2.0}
        assert list(found["vllm:plain"].values()) == [3.0]

    def test_leaves_out_the_process_own_and_adapters_names(self) -> None:
        text = merged({"a": VLLM})
        assert b"python_info" not in text
        assert b"acme" not in text

    def test_stays_valid_whatever_a_server_sends(self) -> None:
        broken = (
            b'# TYPE vllm:x gauge\nvllm:x{a="b} 1\nvllm:x nonsense\nvllm:x 1\n\xff\xfe\n# TYPE\n# TYPE vllm:y gauge\n'
        )
        assert families(merged({'we"ird\n': broken})) == {
            "vllm:x": {(("", "vllm:x"), ("replica", 'we"ird\n')): 1.0},
        }

    def test_of_nothing_is_nothing(self) -> None:
        assert merged({}) == b""
