import pytest

from pyautogui_trace_parsers.domkeys import key_of_code


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (65, "a"),
        (48, "0"),
        (96, "0"),
        (105, "9"),
        (112, "f1"),
        (13, "enter"),
        (91, "win"),
        (191, "/"),
        (7, "keycode-7"),
    ],
)
def test_key_codes(code: int, name: str):
    assert key_of_code(code) == name
