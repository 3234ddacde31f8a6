import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyautogui_trace_parsers.selectors import read_element, read_selector


@pytest.mark.parametrize(
    ("selector", "name", "role"),
    [
        ('internal:role=button[name="Submit"i]', "Submit", "button"),
        ('internal:role=button[name="Say \\"hi\\""s]', 'Say "hi"', "button"),
        ("internal:role=textbox", "", "textbox"),
        ("role=link[name=/next/i]", "", "link"),
        ('internal:label="Name"i', "Name", ""),
        ('internal:text="Sign in"s', "Sign in", ""),
        ("text=Sign in", "Sign in", ""),
        ('internal:attr=[placeholder="Search"i]', "Search", ""),
        ('internal:testid=[data-testid="go"s]', "", ""),
        ('#list >> internal:role=option[name="Red >> Blue"i] >> nth=0', "Red >> Blue", "option"),
        ('article:has-text("Playwright") >> button', "", "button"),
        ('div:has-text("News")', "News", "div"),
        ('input[name="q"][placeholder="Find"]', "Find", "input"),
        ("#send", "", ""),
        ("button.primary", "", "button"),
        ("//div[2]/a", "", ""),
        ("", "", ""),
    ],
)
def test_what_a_selector_says(selector: str, name: str, role: str):
    target = read_selector(selector)
    assert (target.name, target.role, target.selector) == (name, role, selector)


def test_an_element_in_a_log_is_named_by_its_label_or_text():
    assert read_element('<button id="go" class="x">Send  note</button>').name == "Send note"
    assert read_element('<input id="n" placeholder="Name"/>').name == "Name"
    assert read_element('<a aria-label="Close">x</a>').name == "Close"


@given(st.text(alphabet='<>!["]/=abc:# \\internal:role=', max_size=80))
def test_no_text_breaks_the_readers(text: str):
    read_selector(text)
    read_element("<" + text)
