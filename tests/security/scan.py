"""garak against a gateway: its probes sent over HTTP, and what its detectors make of the answers."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FAMILIES: Final = ("web_injection", "ansiescape", "encoding", "promptinject")
REQUEST_S: Final = 60
ALL: Final = 2000
"""More than any probe has, but for the two that make up as many as they are let."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one detector found in the answers to one probe. `refused`: requests that got no answer (400, 413, 422)."""

    probe: str
    detector: str
    succeeded: int
    answers: int
    refused: int

    @property
    def family(self) -> str:
        return self.probe.partition(".")[0]


def scan(
    garak: Path,
    url: str,
    key: str,
    folder: Path,
    families: Sequence[str] = FAMILIES,
    *,
    prompts: int = ALL,
    parallel: int = 8,
    limit_s: float = 600.0,
) -> list[Result]:
    """Attack the gateway at `url`; nothing is fetched from elsewhere. `prompts`: of each probe at most; `folder` gets garak's report.

    Raises:
        CalledProcessError, TimeoutExpired: garak failed, or took longer than `limit_s`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    options, config = folder / "rest.json", folder / "garak.json"
    options.write_text(json.dumps({"rest": {"RestGenerator": _generator(url)}}), encoding="utf-8")
    config.write_text(json.dumps(_config(prompts, parallel, folder)), encoding="utf-8")
    probes = ",".join(f"probes.{family}" for family in families)
    command = [str(garak), "-t", "rest", "-G", str(options), "--config", str(config), "--spec", probes]
    subprocess.run(command, env=_environment(folder, key), check=True, capture_output=True, timeout=limit_s, cwd=folder)
    return read_report(folder / "scan.report.jsonl")


def read_report(report: Path) -> list[Result]:
    entries = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    return [
        Result(each["probe"], each["detector"], each["fails"], each["total_evaluated"], each["nones"])
        for each in entries
        if each["entry_type"] == "eval"
    ]


def hits(report: Path) -> list[dict[str, str]]:
    """The prompts that a detector found to have succeeded, and the answers."""
    found = []
    for line in report.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["entry_type"] != "attempt" or entry["status"] != 2:
            continue
        for detector, scores in entry["detector_results"].items():
            for score, output in zip(scores, entry["outputs"], strict=True):
                if score is not None and score >= 0.5:
                    prompt = entry["prompt"]["turns"][-1]["content"]["text"]
                    found.append({"detector": detector, "prompt": prompt, "answer": output["text"]})
    return found


def rate(results: Sequence[Result], family: str) -> float:
    """Share of the answers to a family's probes in which an attack succeeded, over all its detectors."""
    own = [each for each in results if each.family == family]
    answers = sum(each.answers for each in own)
    if not answers:
        raise ValueError(f"no probe of {family} was answered")
    return sum(each.succeeded for each in own) / answers


def _generator(url: str) -> dict[str, Any]:
    return {
        "uri": f"{url}/v1/chat/completions",
        "method": "post",
        "headers": {"Authorization": "Bearer $KEY", "Content-Type": "application/json"},
        "req_template_json_object": {"model": "default", "messages": [{"role": "user", "content": "$INPUT"}]},
        "response_json": True,
        "response_json_field": "$.choices[0].message.content",
        "skip_codes": [400, 413, 422],
        "request_timeout": REQUEST_S,
    }


def _config(prompts: int, parallel: int, folder: Path) -> dict[str, Any]:
    return {
        "system": {"parallel_attempts": parallel, "lite": True},
        "run": {"generations": 1, "soft_probe_prompt_cap": prompts, "seed": 1},
        "reporting": {"report_prefix": "scan", "report_dir": str(folder)},
    }


def _environment(folder: Path, key: str) -> dict[str, str]:
    own = {name: str(folder / "xdg") for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    return {**os.environ, **own, "REST_API_KEY": key, "HF_HUB_OFFLINE": "1"}
