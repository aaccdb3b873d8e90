from __future__ import annotations

import json
from pathlib import Path

import pytest

from serve.engine.planner.gpus import gpus, parse
from serve.engine.planner.memory import weight_bytes
from serve.engine.planner.plan import Plan, make_plan
from serve.engine.planner.sizing import Layout, Sizing, layouts
from serve.engine.profiles.registry import find
from vernacular.errors import BadRequest

K32 = 32_768


def chosen(plan: Plan) -> Sizing:
    assert plan.chosen is not None, [sizing.reason for sizing in plan.others]
    return plan.chosen


class TestGpus:
    def test_one_machine(self) -> None:
        (pool,) = parse("h200:4")
        assert (pool.gpu.name, pool.per_node, pool.nodes, pool.gpus) == ("h200", 4, 1, 4)

    def test_machines_are_written_or_given(self) -> None:
        assert parse("h200:8x2")[0].gpus == 16
        assert parse("h200:8", nodes=2)[0].gpus == 16
        assert str(parse("h200:8x2")[0]) == "h200:8x2"

    def test_several_kinds(self) -> None:
        assert [str(pool) for pool in parse("L4:8, h200")] == ["l4:8", "h200:1"]

    def test_any_is_every_kind_but_the_cpu(self) -> None:
        assert {pool.gpu.name for pool in parse("any")} == set(gpus()) - {"cpu"}

    def test_a_devices_memory_can_be_told(self) -> None:
        assert parse("l4:1", memory_gib=12)[0].gpu.memory_bytes == 12 * 1024**3

    @pytest.mark.parametrize("written", ["", "h200:0", "h200:8x0", "h200:x", "8xh200:1", "h200:1,", "h200:-1"])
    def test_what_names_no_gpus_is_told(self, written: str) -> None:
        with pytest.raises(BadRequest):
            parse(written)

    def test_an_unknown_kind_is_told_with_those_known(self) -> None:
        with pytest.raises(BadRequest, match="'h300' is not known") as told:
            parse("h300:1")
        assert "h200" in told.value.hint

    @pytest.mark.parametrize("demand", [{"nodes": 0}, {"memory_gib": -1.0}])
    def test_impossible_machines_are_told(self, demand: dict[str, int]) -> None:
        with pytest.raises(BadRequest):
            parse("h200:1", **demand)


class TestWeights:
    @pytest.mark.parametrize(
        ("name", "precision", "gigabytes"),
        [
            ("qwen2.5-7b-instruct", "bf16", 15.23),
            ("qwen2.5-7b-instruct", "int4", 5.57),
            ("qwen2.5-32b-instruct", "int4", 19.33),
            ("qwen3-32b", "fp8", 34.3),
            ("kimi-k2", "fp8", 1029),
            ("kimi-k2.6-int4", "int4", 595),
        ],
    )
    def test_are_the_size_that_is_published(self, name: str, precision: str, gigabytes: float) -> None:
        profile = find(name)
        form = next(form for form in profile.forms if form.precision == precision)
        assert weight_bytes(profile.architecture, form).total / 1e9 == pytest.approx(gigabytes, rel=0.01)


class TestLayouts:
    def test_tensor_parallelism_divides_the_heads(self) -> None:
        profile = find("qwen2.5-7b-instruct")
        tensors = {layout.tensor for layout in layouts(profile, parse("h200:8")[0], profile.forms[0])}
        assert tensors == {1, 2, 4}, "28 heads"

    def test_quantised_matrices_are_cut_at_whole_groups(self) -> None:
        profile = find("qwen3-30b-a3b")
        (pool,) = parse("h200:8")
        in_16, in_8 = profile.forms
        assert {layout.tensor for layout in layouts(profile, pool, in_16)} == {1, 2, 4, 8}
        assert {layout.tensor for layout in layouts(profile, pool, in_8)} == {1, 2}, "768 columns in groups of 128"

    def test_no_layer_is_split_between_machines(self) -> None:
        profile = find("kimi-k2")
        for layout in layouts(profile, parse("h200:8x2")[0], profile.forms[0]):
            assert layout.tensor <= 8
            assert layout.gpus <= 16

    def test_experts_are_spread_where_there_are_copies(self) -> None:
        profile = find("kimi-k2")
        found = layouts(profile, parse("h200:8x2")[0], profile.forms[0])
        assert Layout(1, 1, 16, expert=True) in found
        assert Layout(8, 2, 1) in found
        assert all(layout.expert == (layout.data > 1) for layout in found)

    def test_a_dense_model_is_never_spread_by_experts(self) -> None:
        profile = find("qwen3-8b")
        assert not any(layout.expert for layout in layouts(profile, parse("h200:8")[0], profile.forms[0]))


class TestChoice:
    def test_a_7b_serves_200_on_one_h200(self) -> None:
        found = chosen(make_plan(find("qwen2.5-7b-instruct"), "h200:1", context_tokens=K32, users=200))
        assert (found.layout, found.form.precision, found.kv_dtype) == (Layout(), "bf16", "auto")
        assert found.kv_tokens == pytest.approx(2_040_000, rel=0.02)
        assert found.typical_sequences >= 200

    def test_the_cheapest_that_fits_wins_over_finer_numbers(self) -> None:
        plan = make_plan(find("qwen3-32b"), "h200:8", context_tokens=K32, users=200)
        found = chosen(plan)
        assert found.layout.gpus == 2
        assert all(
            sizing.price >= found.price for sizing in plan.others if sizing.fits and sizing.form.precision != "int4"
        )

    def test_four_bits_come_in_only_where_nothing_else_fits(self) -> None:
        plan = make_plan(find("qwen3-32b"), "h200:1", context_tokens=K32, users=200)
        assert chosen(plan).form.precision == "int4"
        assert {sizing.reason for sizing in plan.others if sizing.form.precision == "bf16"} == {
            "room for 61 of 200 users",
            "room for 123 of 200 users",
        }
        assert chosen(make_plan(find("qwen3-32b"), "h200:1", context_tokens=K32, users=20)).form.precision == "bf16"

    def test_four_bits_are_the_makers_own_form_of_k2_6(self) -> None:
        found = chosen(make_plan(find("kimi-k2.6-int4"), "h200:8", context_tokens=131_072, users=20))
        assert (found.form.precision, found.layout, found.nodes) == ("int4", Layout(8), 1)

    def test_a_precision_can_be_asked_for(self) -> None:
        found = chosen(make_plan(find("qwen3-32b"), "h200:1", context_tokens=K32, users=20, precision="int4"))
        assert found.form.repository == "Qwen/Qwen3-32B-AWQ"
        with pytest.raises(BadRequest, match="not known in int4"):
            make_plan(find("moonlight-16b-a3b"), "h200:1", precision="int4")

    def test_gpus_without_fp8_get_none(self) -> None:
        plan = make_plan(find("qwen3-32b"), "a100-80:8", context_tokens=K32, users=100)
        assert {sizing.kv_dtype for sizing in (chosen(plan), *plan.others)} == {"auto"}
        assert "fp8" not in {sizing.form.precision for sizing in (chosen(plan), *plan.others)}

    def test_of_several_kinds_the_cheapest_is_taken(self) -> None:
        found = chosen(make_plan(find("qwen3-8b"), "h200:1,l40s:1,h100:1", context_tokens=8192, users=20))
        assert found.gpu.name == "l40s"

    def test_kimi_k2_takes_16_gpus_in_two_machines(self) -> None:
        plan = make_plan(find("kimi-k2"), "h200:8x2", context_tokens=131_072, users=100)
        found = chosen(plan)
        assert (found.layout, found.nodes) == (Layout(8, 2), 2)
        assert Layout(1, 1, 16, expert=True) in {sizing.layout for sizing in plan.others}

    def test_kimi_k2_does_not_fit_8_and_what_would_is_told(self) -> None:
        plan = make_plan(find("kimi-k2"), "h200:8", context_tokens=131_072, users=100)
        assert plan.chosen is None
        assert "less than one context" in plan.others[0].reason
        assert plan.smallest is not None
        assert plan.smallest.fits

    def test_weights_that_exceed_the_memory_are_told_in_gib(self) -> None:
        plan = make_plan(find("qwen3-32b"), "l4:1", context_tokens=4096, precision="bf16")
        assert plan.chosen is None
        assert "exceed the 20.2 that vLLM may take" in plan.others[0].reason

    def test_more_users_never_take_fewer_gpus(self) -> None:
        sizes = [
            chosen(make_plan(find("qwen3-14b"), "l40s:8x4", context_tokens=8192, users=users)).layout.gpus
            for users in (1, 20, 50, 100, 200, 400)
        ]
        assert sizes == sorted(sizes)
        assert sizes[-1] > sizes[0]

    def test_the_tiny_model_fits_a_cpu(self) -> None:
        assert chosen(make_plan(find("skyllm-nano"), "cpu", users=32)).gpu.cpu


class TestDemand:
    def test_the_context_is_the_profiles_unless_told(self) -> None:
        assert make_plan(find("qwen3-8b"), "h200:1").demand.context_tokens == 32_768

    def test_the_usual_length_is_never_more_than_the_context(self) -> None:
        assert make_plan(find("skyllm-nano"), "cpu", context_tokens=512).demand.typical_tokens == 512

    @pytest.mark.parametrize(
        "demand", [{"users": 0}, {"users": -3}, {"context_tokens": 3}, {"context_tokens": -1}, {"typical_tokens": 0}]
    )
    def test_senseless_demands_are_told(self, demand: dict[str, int]) -> None:
        with pytest.raises(BadRequest):
            make_plan(find("qwen3-8b"), "h200:1", **demand)  # type: ignore[arg-type]

    def test_plans_beyond_an_unverified_context_and_says_that_it_is_not_known(self) -> None:
        plan = make_plan(find("skyllm-7b"), "h200:1", context_tokens=32_768)
        assert plan.demand.context_tokens == 32_768
        assert any("32,768 tokens is not known" in note for note in plan.profile.notes)

    def test_a_context_beyond_the_model_is_told_with_its_most(self) -> None:
        with pytest.raises(BadRequest, match="40,960 tokens at most") as told:
            make_plan(find("qwen3-8b"), "h200:1", context_tokens=200_000)
        assert "--context 40960" in told.value.hint


class TestLocalFigures:
    def test_config_json_takes_the_place_of_the_profile(self, tmp_path: Path) -> None:
        config = {
            "model_type": "llama",
            "hidden_size": 4096,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "intermediate_size": 14336,
            "vocab_size": 128256,
            "max_position_embeddings": 131072,
        }
        (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
        plan = make_plan(find("skyllm-7b"), "h200:1", context_tokens=K32, users=50, weights=tmp_path)
        assert chosen(plan).kv_bytes_per_token == 131_072
        assert plan.source == str(tmp_path / "config.json")
        assert make_plan(find("skyllm-7b"), "h200:1", users=50).source == "the profile skyllm-7b"
