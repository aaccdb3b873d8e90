"""The figures of several model servers as one Prometheus text, so that one scrape of the gateway tells all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

PREFIXES = ("vllm:", "llamacpp:")
KEPT_BACK = frozenset({"vllm:lora_requests_info"})
"""Its labels are adapters' names, which are tenants'."""
_SAMPLE = re.compile(r'([a-zA-Z_:][\w:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?')
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|Inf|NaN)")


@dataclass(slots=True)
class _Family:
    help: str = ""
    type: str = ""
    samples: list[str] = field(default_factory=list)


def merged(expositions: Mapping[str, bytes]) -> bytes:
    """`expositions` by replica → one text: a family is described once, and every sample has a label `replica`. What is not
    a model server's own figure, or not valid, is left out."""
    families: dict[str, _Family] = {}
    for replica, text in expositions.items():
        _add(families, replica, text.decode("utf-8", "replace"))
    lines: list[str] = []
    for name, family in families.items():
        if not family.samples:
            continue
        if family.help:
            lines.append(f"# HELP {name} {family.help}")
        lines.append(f"# TYPE {name} {family.type}")
        lines += family.samples
    return "".join(f"{line}\n" for line in lines).encode()


def _add(families: dict[str, _Family], replica: str, text: str) -> None:
    label = f'replica="{_escaped(replica)}"'
    name = ""
    helps: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            about, _, words = line[7:].partition(" ")
            helps[about] = words
        elif line.startswith("# TYPE "):
            name, _, kind = line[7:].partition(" ")
            if not name.startswith(PREFIXES) or name in KEPT_BACK:
                name = ""
            elif name not in families:
                families[name] = _Family(helps.get(name, ""), kind.strip())
        elif name and line.startswith(name) and (sample := _labelled(line, label)):
            families[name].samples.append(sample)


def _labelled(line: str, label: str) -> str | None:
    match = _SAMPLE.fullmatch(line.strip())
    if match is None or not _NUMBER.fullmatch(match[3]):
        return None
    labels = f"{label},{match[2]}" if match[2] else label
    return f"{match[1]}{{{labels}}} {match[3]}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
