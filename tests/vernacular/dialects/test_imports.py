from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vernacular.dialects.dictionary import format_of, parse_fields
from vernacular.dialects.imports import Imported, import_dictionary, lexicon_text
from vernacular.dialects.pack import Entry, read_lexicon
from vernacular.errors import BadRequest, NoSuchPath, UnreadableFile

TAG = "nan-Hant-TW"
HAN = ["dialect=han,standard=zh,romanised=kip+poj"]


def imported(
    folder: Path,
    text: str,
    maps: list[str] | None = None,
    own: tuple[Entry, ...] = (),
    suffix: str = ".jsonl",
    **given: Any,
) -> tuple[Imported, dict[str, Entry]]:
    source = folder / f"words{suffix}"
    source.write_text(text, encoding="utf-8")
    told = import_dictionary(
        source, folder / "dialects", TAG, own, fields=parse_fields(maps or []), form=format_of(source), **given
    )
    written = read_lexicon(Path(told.path).read_text(encoding="utf-8"), told.name)
    return told, {entry.forms[0]: entry for entry in written}


def records(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


class TestFields:
    def test_may_be_several_for_a_column(self) -> None:
        assert parse_fields(["dialect=a+b,standard=c", "romanised=d"]) == {
            "dialect": ("a", "b"),
            "standard": ("c",),
            "romanised": ("d",),
        }

    def test_are_the_columns_of_a_lexicon_when_none_is_given(self) -> None:
        assert parse_fields([])["dialect"] == ("dialect",)

    @pytest.mark.parametrize("given", ["dialect", "dialect=", "word=a,standard=b", "dialect=a", "standard=b"])
    def test_must_name_a_word_and_what_is_known_of_it(self, given: str) -> None:
        with pytest.raises(BadRequest):
            parse_fields([given])


class TestForms:
    def test_are_told_by_the_files_name_unless_given(self) -> None:
        assert format_of(Path("a.JSONL")) == "jsonl"
        assert format_of(Path("a.dat"), "csv") == "csv"
        with pytest.raises(BadRequest):
            format_of(Path("a.dat"))
        with pytest.raises(BadRequest):
            format_of(Path("a.tsv"), "xml")

    def test_json_lines_may_hold_lists(self, tmp_path: Path) -> None:
        text = records({"han": "食飽未", "zh": ["吃飽了嗎", "你好"], "kip": "tsia̍h-pá--buē"})
        _, words = imported(tmp_path, text, HAN)
        assert words["食飽未"] == Entry(("食飽未",), ("吃飽了嗎", "你好"), "", 1.0, ("tsia̍h-pá--buē",))

    def test_a_table_is_read_by_its_header(self, tmp_path: Path) -> None:
        _, words = imported(
            tmp_path, 'word,meaning\n"囡仔","小孩, 孩子"\n', ["dialect=word,standard=meaning"], suffix=".csv"
        )
        assert words["囡仔"].terms == ("小孩, 孩子",)

    def test_or_by_the_numbers_of_its_columns(self, tmp_path: Path) -> None:
        _, words = imported(tmp_path, "1\t囡仔\t小孩\n", ["dialect=2,standard=3"], suffix=".tsv")
        assert words["囡仔"].terms == ("小孩",)

    def test_a_lexicon_needs_no_map(self, tmp_path: Path) -> None:
        entries = [Entry(("囡仔", "囝仔"), ("小孩",), "n", 0.8, ("gín-á",)), Entry(("厝",), (), "", 1.0, ("tshù",))]
        _, words = imported(tmp_path, lexicon_text(entries), suffix=".tsv")
        assert list(words.values()) == entries


class TestImportDictionary:
    def test_writes_what_the_registry_reads_and_says_where_it_came_from(self, tmp_path: Path) -> None:
        told, _ = imported(tmp_path, records({"han": "囡仔", "zh": "小孩"}), HAN, name="itaigi")
        assert Path(told.path) == tmp_path / "dialects" / TAG / "itaigi.tsv"
        assert Path(told.path).read_text(encoding="utf-8").startswith("# words.jsonl, sha256 ")
        assert [file.name for file in Path(told.path).parent.iterdir()] == ["itaigi.tsv"]

    def test_parts_alternatives_and_leaves_asides_out(self, tmp_path: Path) -> None:
        text = records({"han": "甲甲/ 乙乙（罕）", "zh": "丙；丁。", "poj": "kah/ it"})
        _, words = imported(tmp_path, text, HAN)
        assert words["甲甲"] == Entry(("甲甲", "乙乙"), ("丙", "丁"), "", 1.0, ("kah", "it"))

    def test_puts_lines_of_the_same_word_together_in_whatever_script(self, tmp_path: Path) -> None:
        text = records(
            {"han": "擋袂牢", "zh": "忍不住"}, {"han": "挡袂牢", "zh": "受不了"}, {"han": "擋袂牢", "zh": "忍不住"}
        )
        told, words = imported(tmp_path, text, HAN)
        assert words["擋袂牢"].forms == ("擋袂牢", "挡袂牢")
        assert words["擋袂牢"].terms == ("忍不住", "受不了")
        assert (told.lines, told.entries, told.duplicates) == (3, 1, 1)

    def test_leaves_out_what_the_pack_has(self, tmp_path: Path) -> None:
        own = (Entry(("囡仔",), ("小孩", "孩子")),)
        text = records({"han": "囡仔", "zh": "小孩"}, {"han": "厝邊", "zh": "鄰居"})
        told, words = imported(tmp_path, text, HAN, own)
        assert list(words) == ["厝邊"]
        assert told.duplicates == 1

    def test_counts_words_of_the_standard_language_and_single_characters_for_less(self, tmp_path: Path) -> None:
        text = records(
            {"han": "大人", "zh": "警察"},
            {"han": "序大", "zh": "大人"},
            {"han": "派", "zh": "幫派"},
            {"han": "厝邊", "zh": "鄰居"},
        )
        _, words = imported(tmp_path, text, HAN)
        assert words["大人"].sense < words["厝邊"].sense == 1
        assert words["派"].sense < 1

    def test_believes_the_sense_that_the_dictionary_gives(self, tmp_path: Path) -> None:
        text = records({"han": "派", "zh": "幫派", "p": 0.9}, {"han": "厝", "zh": "房子", "p": 3})
        told, words = imported(tmp_path, text, [*HAN, "sense=p"])
        assert words["派"].sense == 0.9
        assert (told.faulty_lines, told.faulty[0].line) == (1, 2)

    def test_keeps_a_word_that_is_the_same_in_the_standard_language(self, tmp_path: Path) -> None:
        told, words = imported(tmp_path, records({"han": "國家", "zh": "国家", "kip": "kok-ka"}), HAN)
        assert words["國家"].terms == ("国家",)
        assert (told.same, told.translated) == (1, 0)

    def test_keeps_a_word_of_which_only_the_sound_is_known(self, tmp_path: Path) -> None:
        told, words = imported(tmp_path, records({"w": "返工", "j": "faan1 gung1"}), ["dialect=w,romanised=j"])
        assert words["返工"] == Entry(("返工",), (), "", 1.0, ("faan1 gung1",))
        assert (told.romanised, told.translated) == (1, 0)

    def test_takes_short_glosses_in_another_language_with_little_weight(self, tmp_path: Path) -> None:
        text = records(
            {"han": "五顏六色", "zh": ["(adjective) rainbow-colored", "of a great many colours all at once"]}
        )
        _, words = imported(tmp_path, text, HAN)
        assert words["五顏六色"].terms == ("rainbow-colored",)
        assert words["五顏六色"].sense == pytest.approx(0.3)

    def test_drops_a_gloss_that_would_hide_a_word_of_the_pack(self, tmp_path: Path) -> None:
        own = (Entry(("屋企",), ("家",)),)
        text = records({"han": "返屋企", "zh": "to go home", "kip": "x"}, {"han": "行街", "zh": "to go shopping"})
        told, words = imported(tmp_path, text, HAN, own)
        assert words["返屋企"].terms == ()
        assert words["行街"].terms == ("go shopping",)
        assert told.hidden == 1

    def test_never_hides_a_word_of_the_pack(self, tmp_path: Path) -> None:
        own = (Entry(("囡仔",), ("小孩",)), Entry(("毋",), ("不",)))
        text = records(
            {"han": "囡仔出", "zh": "兒童劇", "kip": "gín-á-tshut"},
            {"han": "囡仔頭", "zh": "娃娃頭"},
            {"han": "毋通", "zh": "不可以"},
        )
        told, words = imported(tmp_path, text, HAN, own)
        assert words["囡仔出"] == Entry(("囡仔出",), (), "", 1.0, ("gín-á-tshut",))
        assert list(words) == ["囡仔出", "毋通"]
        assert words["毋通"].terms == ("不可以",)
        assert told.hidden == 2

    def test_leaves_sentences_out(self, tmp_path: Path) -> None:
        told, words = imported(tmp_path, records({"han": "長" * 41, "zh": "短"}, {"han": "厝邊", "zh": "鄰居"}), HAN)
        assert list(words) == ["厝邊"]
        assert told.too_long == 1

    def test_tells_the_lines_that_it_could_not_read_and_takes_the_rest(self, tmp_path: Path) -> None:
        text = "{\n[1]\n" + records({"zh": "小孩"}, {"han": "囡仔"}, {"han": "厝邊", "zh": "鄰居"})
        told, words = imported(tmp_path, text, HAN)
        assert list(words) == ["厝邊"]
        assert [fault.line for fault in told.faulty] == [1, 2, 3, 4]
        assert told.lines == 5

    def test_writes_nothing_when_not_a_line_can_be_used(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFile, match="no field 'han', but word"):
            imported(tmp_path, records({"word": "囡仔"}), HAN)
        assert not (tmp_path / "dialects").exists()

    def test_replaces_one_of_the_same_name(self, tmp_path: Path) -> None:
        imported(tmp_path, records({"han": "囡仔", "zh": "小孩"}), HAN)
        _, words = imported(tmp_path, records({"han": "厝邊", "zh": "鄰居"}), HAN)
        assert list(words) == ["厝邊"]

    def test_refuses_a_name_that_leads_elsewhere(self, tmp_path: Path) -> None:
        with pytest.raises(BadRequest):
            imported(tmp_path, records({"han": "囡仔", "zh": "小孩"}), HAN, name="../other")

    def test_refuses_a_file_that_is_not_there_or_not_utf_8(self, tmp_path: Path) -> None:
        (tmp_path / "latin.tsv").write_bytes("dialect\tstandard\nchévere\tbueno\n".encode("latin-1"))
        for name, error in (("none.tsv", NoSuchPath), ("latin.tsv", UnreadableFile)):
            with pytest.raises(error):
                import_dictionary(tmp_path / name, tmp_path, TAG, (), fields=parse_fields([]), form="tsv")

    def test_takes_no_half_characters_of_json(self, tmp_path: Path) -> None:
        _, entries = imported(tmp_path, '{"dialect": "詞語", "standard": "\\ud800文字"}\n')
        assert entries["詞語"].terms == ("文字",)

    def test_says_where_it_cannot_write(self, tmp_path: Path) -> None:
        (tmp_path / "dialects").write_text("a file", encoding="utf-8")
        with pytest.raises(UnreadableFile, match="cannot be written"):
            imported(tmp_path, "詞語\t文字\n", ["dialect=1,standard=2"], suffix=".tsv")
