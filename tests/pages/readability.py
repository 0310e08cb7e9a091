"""How easy a Spanish text is. ``assert_plain(text)`` serves every room's pages, mails and text messages."""

from html.parser import HTMLParser

import textstat

EASY = 65  # Szigriszt-Pazos: 65 and more is "fairly easy"
LONGEST_MEAN_SENTENCE = 20  # words
BLOCKS = {"p", "li", "h1", "h2", "h3", "dt", "dd", "summary", "legend", "label", "caption", "td", "th", "div", "a"}
EMPTY = {"input", "br", "meta", "link", "img"}
SILENT = {"select", "script", "style", "svg", "nav", "title"}


class MainText(HTMLParser):
    """The words of <main>, one block a line; each block is at least one sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.silent, self.lines, self.foreign = 0, 0, [""], []

    def handle_starttag(self, tag, attributes):
        if tag == "main":
            self.inside += 1
        said = dict(attributes)
        foreign = tag in SILENT or self.foreign or said.get("lang", "es") != "es" or said.get("translate") == "no"
        if foreign and tag not in EMPTY:
            self.foreign.append(tag)
        if tag in BLOCKS - {"a"}:
            self.lines.append("")

    def handle_endtag(self, tag):
        if self.foreign and self.foreign[-1] == tag:
            self.foreign.pop()
        if tag == "main":
            self.inside -= 1
        if tag in BLOCKS - {"a"}:
            self.lines.append("")

    def handle_data(self, data):
        if self.inside and not self.foreign:
            self.lines[-1] += data


def sentences_of(page: str) -> str:
    parser = MainText()
    parser.feed(page)
    lines = [" ".join(line.split()) for line in parser.lines]
    return " ".join(line if line[-1] in ".?!:" else f"{line}." for line in lines if line)


def measure(text: str) -> tuple[float, float]:
    """(Szigriszt-Pazos, mean words in a sentence) of Spanish text."""
    textstat.set_lang("es")
    return textstat.szigriszt_pazos(text), textstat.lexicon_count(text) / max(1, textstat.sentence_count(text))


def assert_plain(text: str) -> None:
    easy, words = measure(text)
    assert easy >= EASY, f"Szigriszt-Pazos {easy:.1f}: {text}"
    assert words <= LONGEST_MEAN_SENTENCE, f"{words:.1f} words in a sentence: {text}"
