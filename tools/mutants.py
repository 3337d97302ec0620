"""Finds the places of a C text that can be changed, and the changes: a mutant is one change. tools/mutation.py uses it.

Comments, texts, #include, attributes and assertions are left alone. The choice and the order of the mutants depend only
on a seed and on the texts.
"""

import dataclasses
import random
import re

KINDS = ("comparison", "condition", "arithmetic", "constant", "call", "return")
COMPARISONS = {"==": ("!=",), "!=": ("==",), "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<")}
ARITHMETIC = {"+": "-", "-": "+", "%": "/", "+=": "-=", "-=": "+=", "++": "--", "--": "++", "<<": ">>", ">>": "<<"}
TOKEN = re.compile(
    r"[A-Za-z_]\w*|(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\w*"
    r"|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\S")


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One change: the text from start to end of a file is replaced."""
    kind: str
    file: str
    line: int
    start: int
    end: int
    before: str
    after: str

    def apply(self, text):
        """Returns the text of the file with the change."""
        return text[:self.start] + self.after + text[self.end:]


def mask(text):
    """Returns the text with blanks in place of comments, strings, characters and directives; it has the same length and
    lines.

    The replacement text of a #define is kept.
    """
    def blank(match):
        found = match.group(0)
        if found.startswith("#") or found[0] in " \t" and found.lstrip().startswith("#"):
            define = re.match(r"[ \t]*#[ \t]*define[ \t]+\w+(?:\([^)]*\))?", found)
            if define:
                return re.sub(r"[^\n]", " ", define.group(0)) + mask(found[define.end():]).replace("\\", " ")
        return re.sub(r"[^\n]", " ", found)

    pattern = (r"/\*.*?\*/|//[^\n]*|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
               r"|^[ \t]*#(?:[^\n\\]|\\.)*(?=\n|\Z)")
    return re.sub(pattern, blank, text, flags=re.S | re.M)


def blank_calls(masked, names):
    """Returns the text without the calls of these functions and their arguments."""
    for match in re.finditer(rf"\b(?:{names})\s*\(", masked):
        end = closing(masked, match.end() - 1)
        masked = masked[:match.start()] + re.sub(r"[^\n]", " ", masked[match.start():end]) + masked[end:]
    return masked


def closing(text, opening):
    """Returns the offset after the parenthesis that closes the one at `opening`."""
    depth = 0
    for offset in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[offset], 0)
        if depth == 0:
            return offset + 1
    return len(text)


def is_value_end(token):
    """Whether a token can end a value, so that an operator after it has two operands."""
    return token in (")", "]") or re.match(r"\w", token) and token not in ("return", "case", "sizeof", "else")


def other_number(literal):
    """Returns the literals with which an integer literal can be replaced: one more and 0; 1 for the literal 0. Empty
    for other literals."""
    match = re.fullmatch(r"(0[xX][0-9a-fA-F]+|[1-9]\d*|0)([uUlL]*)", literal)
    if not match:
        return ()
    value, suffix = int(match.group(1), 0), match.group(2)
    if value == 0:
        return ("1" + suffix,)
    return (f"{value + 1}{suffix}", "0" + suffix)


def token_mutations(masked):
    """Yields kind, start, end and replacements for the changes of one token."""
    tokens = [(match.group(0), match.start()) for match in TOKEN.finditer(masked)]
    for index, (token, start) in enumerate(tokens):
        before = tokens[index - 1][0] if index else ""
        after = tokens[index + 1][0] if index + 1 < len(tokens) else ""
        end = start + len(token)
        if token in COMPARISONS:
            yield "comparison", start, end, COMPARISONS[token]
        elif token in ("&&", "||") and is_value_end(before):
            yield "condition", start, end, ("||" if token == "&&" else "&&",)
        elif token in ("++", "--"):
            yield "arithmetic", start, end, (ARITHMETIC[token],)
        elif token in ARITHMETIC and is_value_end(before):
            yield "arithmetic", start, end, (ARITHMETIC[token],)
        elif token in ("true", "false"):
            yield "constant", start, end, ("false" if token == "true" else "true",)
        elif token[0].isdigit():
            # The length of an array that is declared: a larger one changes nothing that a test could see.
            declared = before == "[" and after == "]" and index >= 3 and re.match(r"\w|\*", tokens[index - 3][0])
            if not declared and other_number(token):
                yield "constant", start, end, other_number(token)


def statement_mutations(masked):
    """Yields kind, start, end and replacements for the changes of a statement."""
    for match in re.finditer(r"\b(?:if|while)\s*\(", masked):
        opening = match.end() - 1
        end = closing(masked, opening)
        yield "condition", opening, end, (None,)
    # A statement that consists of a call only. It follows the end of another statement, or a condition.
    for match in re.finditer(r"(?<=[;{})])(\s*\n\s*)(?:\(void\)\s*)?([A-Za-z_]\w*)\s*\(", masked):
        if match.group(2) in ("if", "while", "for", "switch", "return", "sizeof", "do"):
            continue
        end = closing(masked, match.end() - 1)
        if masked[end:end + 1] == ";" and inside_function(masked, match.start()):
            yield "call", match.end(1), end, ("",)
    for match in re.finditer(r"\breturn\s+([A-Za-z_]\w*)\s*;", masked):
        name = match.group(1)
        if name.startswith("EVENTURE_ERROR_"):
            yield "return", match.start(1), match.end(1), ("EVENTURE_OK",)
        elif name in ("EVENTURE_OK", "EVENTURE_ROW", "EVENTURE_DONE"):
            yield "return", match.start(1), match.end(1), ("EVENTURE_ERROR_IO",)
        elif re.fullmatch(r"(?:\w+_)?(?:status|code|rc|result)", name):
            yield "return", match.start(1), match.end(1), ("0",)


def inside_function(masked, offset):
    """Whether an offset is within braces, so that the text there is a statement and not a declaration."""
    return masked.count("{", 0, offset) > masked.count("}", 0, offset)


def mutants_of(name, text):
    """Returns a list for each place of a file that can be changed: one mutant for each change of this place."""
    masked = blank_calls(mask(text), r"assert|static_assert|_Static_assert|__attribute__|EVENTURE_PRINTF")
    places = []
    for kind, start, end, replacements in [*token_mutations(masked), *statement_mutations(masked)]:
        before = text[start:end]
        line = text.count("\n", 0, start) + 1
        # None stands for the negated condition: its text within `(!...)`.
        afters = [f"(!{before})" if after is None else after for after in replacements]
        places.append([Mutant(kind, name, line, start, end, before, after) for after in afters])
    return places


def choose(texts, seed):
    """Returns one mutant for each place of the files (a dict of name and text), in an order that the seed determines.

    The kinds take turns, because some are much more frequent than others.
    """
    chance = random.Random(seed)
    by_kind = {kind: [] for kind in KINDS}
    for name in sorted(texts):
        for ways in mutants_of(name, texts[name]):
            by_kind[ways[0].kind].append(ways)
    for kind in KINDS:
        chance.shuffle(by_kind[kind])
    order = []
    while any(by_kind.values()):
        for kind in KINDS:
            if by_kind[kind]:
                order.append(chance.choice(by_kind[kind].pop()))
    return order
