from __future__ import annotations

import pytest

from ingest.parse import parse
from vernacular.errors import EmptyFile

PAGE = """<!doctype html><html lang="en"><head><title>Parking permits</title></head><body>
<nav><a href="/">Home</a> <a href="/contact">Contact us</a></nav>
<main><article><h1>Parking permits</h1><p>A resident may apply for <b>one</b> permit for each vehicle in a year.</p>
<ul><li>Bring a lease</li><li>Bring a bill<ol><li>of water</li></ol></li></ul>
<table><tr><th>Kind</th><th>Fee</th></tr><tr><td>Resident</td><td>12 | 15</td></tr></table>
<pre>a  = 1
b</pre></article></main>
<footer>Imprint and privacy</footer><script>var tracked = "yes"</script></body></html>"""


class TestHtml:
    def test_becomes_markdown_without_menus_and_scripts(self) -> None:
        document = parse(PAGE.encode(), "permits.html")
        assert document.text == (
            "# Parking permits\n\nA resident may apply for one permit for each vehicle in a year.\n\n"
            "- Bring a lease\n- Bring a bill\n  1. of water\n\n"
            "| Kind | Fee |\n| --- | --- |\n| Resident | 12 \\| 15 |\n\n```\na  = 1\nb\n```"
        )
        assert (document.title, document.metadata) == ("Parking permits", {"lang": "en"})
        assert (len(document.headings), len(document.tables)) == (1, 1)

    def test_in_an_old_encoding_is_read_by_its_declaration(self) -> None:
        page = '<html><head><meta charset="gbk"><title>退货规定</title></head><body><p>七天之内可以退货。</p></body></html>'
        document = parse(page.encode("gbk"), "returns.html")
        assert (document.title, document.text) == ("退货规定", "七天之内可以退货。")

    def test_in_an_old_encoding_that_it_does_not_declare_is_read_by_its_bytes(self) -> None:
        words = "تفتح المكاتب أبوابها من الساعة التاسعة صباحا حتى الثالثة بعد الظهر كل يوم عمل. "
        assert (
            parse(f"<html><body><p>{words * 3}</p></body></html>".encode("cp1256"), "a.html").text
            == (words * 3).strip()
        )

    def test_nested_beyond_reason_keeps_its_words(self) -> None:
        deep = "<html><body>" + "<div>" * 200_000 + "<p>Deep down</p><p>lie words.</p>" + "</div>" * 200_000
        assert parse(deep.encode(), "deep.html").text.split() == ["Deep", "down", "lie", "words."]

    def test_long_lists_without_end_tags_are_not_deep(self) -> None:
        items = "<ul>" + "".join(f"<li>Item {at}" for at in range(2000)) + "</ul>"
        assert "- Item 1999" in parse(f"<html><body>{items}".encode(), "list.html").text

    def test_takes_a_product_from_json_ld(self) -> None:
        page = """<html><head><title>Shop</title><script type="application/ld+json">{"@graph": [{"@type": "Product",
        "name": "Chilli oil", "sku": "C1", "offers": {"price": 28.5, "priceCurrency": "CNY",
        "availability": "https://schema.org/OutOfStock"}}]}</script></head><body><p>Hot.</p></body></html>"""
        document = parse(page.encode(), "oil.html")
        assert document.title == "Chilli oil"
        assert document.metadata["price"] == 28.5
        assert "availability: OutOfStock" in document.text

    def test_hides_what_a_browser_hides(self) -> None:
        page = "<html><body><p>Seen.</p><p hidden>Not.</p><div style='display: none'>Nor this.</div></body></html>"
        assert parse(page.encode(), "a.html").text == "Seen."

    def test_keeps_a_list_after_the_last_paragraph_but_no_list_of_links(self) -> None:
        words = "<p>A resident may apply for one permit for each vehicle that is registered in the city.</p>" * 3
        links = "<ul><li><a href='/a'>Buy our things</a></li><li><a href='/b'>Follow us there</a></li></ul>"
        page = (
            f"<html><body><main>{words}<ul><li>A lease</li><li>A bill</li></ul></main><div>{links}</div></body></html>"
        )
        text = parse(page.encode(), "a.html").text
        assert text.endswith("- A lease\n- A bill")

    def test_without_any_words_is_empty(self) -> None:
        with pytest.raises(EmptyFile):
            parse(b"<html><body><img src='a.png'></body></html>", "a.html")
