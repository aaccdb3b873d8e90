"""PDF: glyph boxes from PDFium, lines and paragraphs by geometry, a reader of its own for right-to-left pages."""
