"""What the person does: one function per trace. The script is the truth: each action says what it was for.

Purposes: "needed" for the task, "detour" (a wrong page and the way back), "undone" (a mistake and its repair),
"unrelated" (something else that happened meanwhile, and the way back).
"""

from collections.abc import Callable
from dataclasses import dataclass

from recorder.hand import Hand


@dataclass(frozen=True)
class Script:
    """A trace to record: the task in words, the application in front at the start, and the person's actions."""

    task_name: str
    front: str
    act: Callable[[Hand], None]


def shop_and_mail(hand: Hand) -> None:
    mail, shop = hand.window("mail"), hand.window("shop")
    hand.pause(1.2)
    hand.click(mail.get_by_role("button", name="Ana Petrova"))
    hand.pause(2.4)
    _choose_mugs(hand)
    _look_at_lantern(hand)
    _check_out(hand)
    hand.pause(0.8)
    hand.click(shop.locator("#order"), clicks=2)
    hand.press("Control", "c")
    hand.click(hand.page.get_by_role("button", name="Postbox"))
    _glance_at_newsletter(hand)
    hand.click(mail.get_by_role("button", name="Reply"))
    hand.type("Hi Ana, the mugs are on the way, order ")
    hand.press("Control", "v")
    hand.click(mail.get_by_role("button", name="Send"))
    hand.pause(0.6)
    _enter_delivery_day(hand)


def _choose_mugs(hand: Hand) -> None:
    shop = hand.window("shop")
    hand.click(hand.page.get_by_role("button", name="Fernhill Supply"))
    hand.click(shop.get_by_role("searchbox"))
    hand.type("mug")
    hand.press("Enter")
    hand.pause(0.6)
    hand.click(shop.get_by_role("link", name="Travel Mug"), "detour")
    hand.pause(1.0)
    hand.click(shop.get_by_role("link", name="Back to results"), "detour")
    hand.click(shop.get_by_role("link", name="Camping Mug"))
    hand.pause(0.6)
    hand.click(shop.get_by_role("button", name="Blue"))
    hand.click(shop.get_by_role("button", name="More"))
    hand.click(shop.get_by_role("button", name="More"), "undone")
    hand.pause(0.4)
    hand.click(shop.get_by_role("button", name="Less"), "undone")
    hand.click(shop.get_by_role("button", name="Add to cart"))
    hand.pause(0.5)


def _look_at_lantern(hand: Hand) -> None:
    shop = hand.window("shop")
    hand.scroll(shop.locator(".product svg"), 4, "detour")
    hand.click(shop.get_by_role("link", name="Lantern"), "detour")
    hand.pause(1.2)
    hand.click(shop.get_by_role("link", name="Back to results"), "detour")


def _check_out(hand: Hand) -> None:
    shop = hand.window("shop")
    hand.click(shop.get_by_role("link", name="Cart"))
    hand.pause(0.6)
    hand.click(shop.get_by_role("button", name="Checkout"))
    hand.click(shop.get_by_label("Full name"))
    hand.type("Mara Lindqvist")
    hand.press("Tab")
    hand.type("14 Alder L")
    hand.type("nae", "undone")
    hand.pause(0.4)
    hand.press("Backspace", times=3, purpose="undone")
    hand.type("ane")
    hand.press("Tab")
    hand.type("Ridgeway")
    hand.click(shop.get_by_role("button", name="Place order"))


def _glance_at_newsletter(hand: Hand) -> None:
    mail = hand.window("mail")
    hand.click(mail.get_by_role("button", name="Trailhead Weekly"), "unrelated")
    hand.pause(1.2)
    hand.scroll(mail.locator("#reader"), 3, "unrelated")
    hand.pause(3.5)
    hand.click(mail.get_by_role("button", name="Ana Petrova"), "unrelated")


def _enter_delivery_day(hand: Hand) -> None:
    calendar = hand.window("calendar")
    hand.click(hand.page.get_by_role("button", name="Dayplan"))
    hand.click(calendar.get_by_role("button", name="Friday 15 May"))
    hand.click(calendar.get_by_label("Title"))
    hand.type("Mugs arrive")
    hand.click(calendar.get_by_role("button", name="Save"))
    hand.pause(1.6)


def calendar_only(hand: Hand) -> None:
    calendar = hand.window("calendar")
    hand.pause(0.8)
    hand.click(calendar.get_by_role("button", name="Next"), "detour")
    hand.click(calendar.get_by_role("button", name="Previous"), "detour")
    hand.click(calendar.get_by_role("button", name="Thursday 21 May"))
    hand.click(calendar.get_by_label("Title"))
    hand.type("Dentist")
    hand.press("Tab")
    hand.type("14:30")
    hand.click(calendar.get_by_role("button", name="Save"))
    hand.click(calendar.get_by_role("button", name="Thursday 28 May"))
    hand.click(calendar.get_by_label("Title"))
    hand.type("Return library books")
    hand.press("Enter")
    hand.pause(1.2)


SCRIPTS = {
    "shop_and_mail": Script(
        "Order two blue camping mugs for Ana, send her the order number, and put the delivery day in the calendar.",
        "mail",
        shop_and_mail,
    ),
    "calendar_only": Script(
        "Add a dentist appointment on 21 May at 14:30 and a reminder to return the library books on 28 May.",
        "calendar",
        calendar_only,
    ),
}
