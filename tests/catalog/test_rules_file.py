import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from proxy.catalog.datatypes import AddressFilter
from proxy.catalog.rules import CONTEXTS, NO_RULES, UNUSABLE, Header, RuleSet
from proxy.catalog.rules_file import LARGEST, OVERRIDES, read_rules

CONFORMANCE = Path(__file__).parents[1] / "conformance" / "catalog"


def rules(*elements: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ruleset>\n{"".join(elements)}\n</ruleset>\n'.encode()


def told(data: bytes) -> list[str]:
    return [str(problem) for problem in read_rules(data, "r.xml")[1]]


@pytest.mark.parametrize("file", ["conf-rules.xml", "default-rules.xml"])
def test_the_conformance_rule_sets(file: str) -> None:
    data = (CONFORMANCE / file).read_bytes()
    read, problems = read_rules(data, file)
    assert problems == ()
    assert len(read.rules) == data.count(b"<rule ")


EVERYTHING = """
<rule Name="all of it" OnMatch="continue" Replace="all" RequestType="is, static" DefaultImageMode="1" ErrorImage="err/on"
      Expiration="5" MaxPix="90,80" RequestLock="1" RequestObfuscation="true" RootUrl="" SavePath="there" WaterMark="mark">
  <header Name="X-One">one</header>
  <addressfilter>192.0.2.0/24, 198.51.100.7</addressfilter>
  <!-- a comment --><substitution><![CDATA[&a=$1]]>\\$<!-- within -->b</substitution>
  <expression>(a)&amp;<![CDATA[<b>&]]></expression>
  <header Name="X-$name$" Action="add"> $value$ </header>
</rule>
"""


def test_a_rule_with_everything() -> None:
    read, problems = read_rules(rules(EVERYTHING), "r.xml")
    assert problems == ()
    (rule,) = read.rules
    assert rule.label == 'rule "all of it"'
    assert rule.expression is not None
    assert rule.expression.fullmatch("a&<b>&")
    assert rule.substitution == ("&a=", 1, "$", "b")
    assert (rule.on_match, rule.replace_all, rule.contexts) == ("continue", True, ("is", "static"))
    assert rule.overrides == {
        "defaultimagemode": 1,
        "errorimage": "err/on",
        "expiration": 5.0,
        "maxpix": (90, 80),
        "requestlock": True,
        "requestobfuscation": True,
        "rooturl": "",
        "savepath": "there",
        "watermark": "mark",
    }
    assert set(rule.overrides) == {name.lower() for name in OVERRIDES}
    assert rule.addresses == AddressFilter().read("192.0.2.0/24,198.51.100.7")
    assert rule.headers == (Header("X-One", "one"), Header("X-$name$", "$value$", add=True))


def test_a_rule_with_nothing() -> None:
    read, problems = read_rules(b"<ruleset><rule/></ruleset>", "r.xml")
    assert problems == ()
    (rule,) = read.rules
    assert (rule.label, rule.expression, rule.substitution, rule.on_match) == ("the rule in line 1", None, None, "break")
    assert (rule.replace_all, rule.contexts, rule.overrides, rule.addresses, rule.headers) == (False, CONTEXTS, {}, None, ())


def test_no_rules() -> None:
    assert read_rules(rules(), "r.xml") == (NO_RULES, ())
    assert RuleSet(()) == NO_RULES


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><ruleset><rule Name="größer"/></ruleset>'
    read, problems = read_rules(text.encode(encoding), "r.xml")
    assert problems == ()
    assert read.rules[0].label == 'rule "größer"'


BROKEN = [
    (b"", "r.xml:1:1: error: Document is empty"),
    (b"<ruleset>\n  <rule>\n</ruleset>", "r.xml:3:11: error: Opening and ending tag mismatch: rule line 2 and ruleset"),
    (b"<rules/>", "r.xml:1: error: Element 'rules': No matching global declaration available for the validation root."),
    (rules("<rule><expresion>a</expresion></rule>"), "error: Element 'expresion': This element is not expected."),
    (rules("<rule><expression>a<b/></expression></rule>"), "error: Element 'expression'"),
    (rules("<rule>text</rule>"), "error: Element 'rule': Character content other than whitespace is not allowed"),
    (rules("<Rule/>"), "error: Element 'Rule': This element is not expected. Expected is ( rule )."),
    (rules('<rule Onmatch="break"/>'), "error: Element 'rule', attribute 'Onmatch': The attribute 'Onmatch' is not allowed."),
    (
        rules('<rule OnMatch="Break"/>'),
        "attribute 'OnMatch': [facet 'enumeration'] The value 'Break' is not an element of the set",
    ),
    (rules('<rule Replace="every"/>'), "attribute 'Replace'"),
    (rules('<rule RequestType="image"/>'), "attribute 'RequestType'"),
    (rules('<rule RequestType=""/>'), "attribute 'RequestType'"),
    (rules('<rule ClientAddressFilter="192.0.2.1"/>'), "attribute 'ClientAddressFilter' is not allowed"),
    (rules("<rule><header>x</header></rule>"), "error: Element 'header': The attribute 'Name' is required but missing."),
    (rules('<rule><header Name="X" Action="remove"/></rule>'), "attribute 'Action'"),
    (
        rules("<rule>\n<expression>a</expression>\n<expression>b</expression></rule>"),
        "r.xml:5: error: the rule in line 3: a second",
    ),
    (
        rules("<rule>\n<expression>(a</expression></rule>"),
        "r.xml:4: error: the rule in line 3: <expression>: a group is not closed",
    ),
    (
        rules('<rule Name="n"><expression>(?P&lt;a&gt;)</expression></rule>'),
        'error: rule "n": <expression>: (?P<a begins no group',
    ),
    (rules("<rule><expression>\n  a\n</expression></rule>"), "<expression>: it holds a line end"),
    (
        rules("<rule><expression>a</expression><substitution>$1</substitution></rule>"),
        "<substitution>: $1: the expression has no such",
    ),
    (
        rules("<rule><substitution>&amp;$thumb$</substitution></rule>"),
        r"<substitution>: $thumb$: expected $ and the number of a group",
    ),
    (rules("<rule><substitution>$0</substitution></rule>"), "<substitution>: $0: the expression has no such group"),
    (rules("<rule><substitution>a\n</substitution></rule>"), "<substitution>: it holds a line end"),
    (rules('<rule MaxPix="large"/>'), "error: the rule in line 3: MaxPix=large: expected two of a whole number"),
    (rules('<rule RequestLock=""/>'), "error: the rule in line 3: RequestLock=: expected 0 or 1"),
    (rules('<rule Expiration="-2"/>'), "Expiration=-2: expected -1 or a number of hours"),
    (rules("<rule><addressfilter>localhost</addressfilter></rule>"), "<addressfilter>localhost: expected addresses such as"),
    (rules("<rule><addressfilter>192.0.2.*</addressfilter></rule>"), "<addressfilter>192.0.2.*: expected addresses such as"),
    (rules('<rule><header Name="X Y">1</header></rule>'), "<header>: a name is made of letters"),
    (rules('<rule><header Name="Content-Length">1</header></rule>'), "Content-Length says how a reply is sent"),
    (rules('<rule><header Name="X">a\nSet-Cookie: b</header></rule>'), "the value of X holds a character that is not printable"),
    (rules('<rule><header Name="X">größer</header></rule>'), "the value of X holds a character that is not printable"),
    (rules(" " * LARGEST), f"bytes; a rule set file has at most {LARGEST}"),
]


@pytest.mark.parametrize(("data", "message"), BROKEN)
def test_one_error_makes_the_whole_unusable(data: bytes, message: str) -> None:
    read, problems = read_rules(data, "r.xml")
    assert read is UNUSABLE
    assert any(message in str(problem) for problem in problems), told(data)


def test_every_error_is_told() -> None:
    data = rules('<rule MaxPix="a"/>\n', "<rule><expression>*</expression></rule>\n", '<rule RequestLock="2"/>')
    assert [problem.line for problem in read_rules(data, "r.xml")[1]] == [3, 4, 5]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (rules("<rule><expression> a</expression></rule>"), "r.xml:3: warning: the rule in line 3: blanks around the expression"),
        (
            rules("<rule><substitution>a </substitution></rule>"),
            "r.xml:3: warning: the rule in line 3: blanks around the substitution",
        ),
        (
            rules("<rule>\n<addressfilter/></rule>"),
            "r.xml:4: warning: the rule in line 3: the empty <addressfilter> admits every client",
        ),
    ],
)
def test_warnings(data: bytes, message: str) -> None:
    read, problems = read_rules(data, "r.xml")
    assert read.usable
    assert [str(problem).startswith(message) for problem in problems] == [True]


LAUGHS = '<!DOCTYPE ruleset [<!ENTITY l0 "ha">' + "".join(
    f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10)
)
BOMB = LAUGHS + ']><ruleset><rule Name="&l9;"><expression>&l9;</expression></rule></ruleset>'
XXE = '<!DOCTYPE ruleset [<!ENTITY f SYSTEM "file:///etc/passwd">]><ruleset><rule><expression>&f;</expression></rule></ruleset>'


@pytest.mark.parametrize(
    "data",
    [
        BOMB.encode(),
        XXE.encode(),
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <ruleset> --><?x?>\n" + BOMB.encode(),
        ('<?xml version="1.0" encoding="utf-16"?>' + BOMB).encode("utf-16"),
        ('<?xml version="1.0" encoding="UTF-7"?>' + XXE).replace("!", "+ACE-").replace("%", "+ACU-").encode(),
        b'<!DOCTYPE ruleset SYSTEM "http://192.0.2.1/RuleSet.dtd"><ruleset/>',
    ],
)
def test_document_types_and_their_entities_are_refused(data: bytes) -> None:
    begun = time.thread_time()
    read, problems = read_rules(data, "r.xml")
    assert read is UNUSABLE
    assert [problem.severity for problem in problems] == ["error"] * len(problems) != []
    assert "root:" not in "".join(map(str, problems))
    assert time.thread_time() - begun < 1


def test_a_comment_may_speak_of_document_types() -> None:
    assert read_rules(b"<!-- <!DOCTYPE x> --><ruleset/>", "r.xml") == (NO_RULES, ())


def test_the_test_for_document_types_takes_no_time() -> None:
    begun = time.thread_time()
    assert read_rules(b"<!---->" * 50_000 + b"<ruleset/>", "r.xml") == (NO_RULES, ())
    assert time.thread_time() - begun < 2


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_rules_or_problems(data: bytes) -> None:
    read, problems = read_rules(data, "r.xml")
    assert read.usable or problems


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=20)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(["expression", "substitution", "addressfilter", "header"]), TEXTS), TEXTS)
def test_any_texts_in_a_rule(children: dict[str, str], value: str) -> None:
    root = etree.Element("ruleset")
    rule = etree.SubElement(root, "rule", MaxPix=value, Name=value)
    for tag, text in children.items():
        etree.SubElement(rule, tag, {"Name": value or "X"} if tag == "header" else {}).text = text
    read, problems = read_rules(etree.tostring(root), "r.xml")
    assert read.usable is not any(problem.severity == "error" for problem in problems)
