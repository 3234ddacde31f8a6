"""Kinds of applications in which things are ordered, booked or reserved through a cart."""

from __future__ import annotations

from dataclaw_worlds.gui.kinds import Entry, Form, Kind, Names


def _cart(
    option: Entry, opens: Names, delivery: Entry, commits: Names, done: str, goal: str, zh: str, gist: str
) -> Form:
    return Form("acquire", "cart", opens, (option, delivery), commits, done, goal, zh, gist)


_CART = {"cart": ("Cart", "Basket", "Bag"), "checkout": ("Checkout", "Go to checkout", "Proceed")}
_HOLDS = {"cart": ("Holds", "Requests", "My list"), "checkout": ("Request pickup", "Continue", "Next step")}
_SEATS = {"cart": ("Booking", "Selection", "My tickets"), "checkout": ("Continue", "To payment", "Next step")}

BUYING = (
    Kind(
        "shop",
        "shop",
        "商店",
        "product",
        ("Home", "New", "Sale", "Outdoor"),
        (
            _cart(
                Entry("Size", "small|medium|large", True),
                ("Add to cart", "Add to basket", "Put in bag"),
                Entry("Delivery", "Standard|Express|Evening", True),
                ("Place order", "Buy now", "Confirm order"),
                "Order {n} placed",
                "Order the {item} ({Size}) from {brand} with {Delivery} delivery",
                "在 {brand} 订购 {item}",
                "the {item} is ordered",
            ),
        ),
        (("Price", "price"), ("Rating", "rating")),
        True,
        more=_CART,
    ),
    Kind(
        "tickets",
        "ticket site",
        "票务网站",
        "show",
        ("Tonight", "This week", "Music", "Theatre"),
        (
            _cart(
                Entry("Seat", "Stalls|Balcony|Box", True),
                ("Select", "Book", "Choose tickets"),
                Entry("Ticket", "Print at home|Mobile ticket|Box office", True),
                ("Confirm booking", "Pay and book", "Finish booking"),
                "Booking {n} confirmed",
                "Book a {Seat} seat for {item} at {brand} ({Ticket})",
                "在 {brand} 预订 {item} 的门票",
                "a seat for {item} is booked",
            ),
        ),
        (("Date", "date"), ("Price", "price")),
        True,
        more=_SEATS,
    ),
    Kind(
        "library",
        "library",
        "图书馆",
        "book",
        ("Catalogue", "New books", "Novels", "Travel"),
        (
            _cart(
                Entry("Copy", "Hardcover|Large print|Audio book", True),
                ("Reserve", "Add to holds", "Request"),
                Entry("Branch", "Main branch|East branch|Mobile van", True),
                ("Confirm reservation", "Send request", "Reserve now"),
                "Reservation {n} confirmed",
                "Reserve {item} ({Copy}) at {brand} for pickup at the {Branch}",
                "在 {brand} 预约图书 {item}",
                "{item} is reserved",
            ),
        ),
        (("Author", "person"), ("Shelf", "shelf")),
        True,
        more=_HOLDS,
    ),
    Kind(
        "food",
        "food delivery",
        "外卖网站",
        "dish",
        ("Menu", "Popular", "Vegetarian", "Desserts"),
        (
            _cart(
                Entry("Portion", "Single|Family|Kids", True),
                ("Add", "Add to order", "Choose"),
                Entry("Time", "As soon as possible|At noon|In the evening", True),
                ("Send order", "Order now", "Confirm and pay"),
                "Meal order {n} received",
                "Order the {item} ({Portion}) from {brand}, delivered {Time}",
                "在 {brand} 点一份 {item}",
                "the {item} is ordered",
            ),
        ),
        (("Price", "dish price"), ("Time", "minutes")),
        True,
        more={**_CART, "cart": ("Order", "Tray", "Basket")},
    ),
)
