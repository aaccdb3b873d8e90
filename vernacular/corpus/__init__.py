"""What is learned from a tenant's own documents, without any model: their words, and which of them belong together."""

from vernacular.corpus.build import Passage, build
from vernacular.corpus.model import CorpusModel
from vernacular.corpus.store import corpus_of

__all__ = ["CorpusModel", "Passage", "build", "corpus_of"]
