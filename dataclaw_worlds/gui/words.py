"""Vocabularies of the applications: names, people, things and sentences, combined into hundreds of each."""

from __future__ import annotations

_FIRST = [
    "Anna",
    "Bruno",
    "Carla",
    "Deniz",
    "Elif",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kaya",
    "Lena",
    "Milan",
    "Nora",
    "Oskar",
    "Paula",
    "Quentin",
    "Rosa",
    "Samir",
    "Tilda",
    "Umar",
    "Vera",
    "Wanda",
    "Yusuf",
    "Zoe",
    "Agnes",
    "Boris",
    "Celia",
    "Dario",
    "Edith",
    "Felix",
    "Gina",
    "Henrik",
    "Irma",
    "Jakob",
    "Klara",
    "Linus",
    "Maren",
    "Nils",
    "Olga",
]
_LAST = [
    "Berg",
    "Castro",
    "Dahl",
    "Engel",
    "Fontana",
    "Grimm",
    "Haas",
    "Ivanov",
    "Jansen",
    "Keller",
    "Lopez",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
    "Quist",
    "Ricci",
    "Sato",
    "Tanaka",
    "Ude",
    "Vogel",
    "Weiss",
    "Yilmaz",
    "Zeller",
    "Almeida",
    "Brandt",
    "Conti",
    "Duarte",
    "Eriksen",
    "Faber",
]
PEOPLE = tuple(f"{a} {b}" for i, a in enumerate(_FIRST) for b in (_LAST[i % 30], _LAST[(i * 7 + 11) % 30]))
CITIES = [
    "Aarhus",
    "Bergen",
    "Bologna",
    "Braga",
    "Bremen",
    "Ghent",
    "Graz",
    "Haarlem",
    "Innsbruck",
    "Jena",
    "Kaunas",
    "Leeds",
    "Lille",
    "Linz",
    "Lyon",
    "Malmo",
    "Nantes",
    "Odense",
    "Padua",
    "Porto",
    "Riga",
    "Rouen",
    "Salzburg",
    "Seville",
    "Split",
    "Tartu",
    "Trieste",
    "Turin",
    "Turku",
    "Utrecht",
    "Valencia",
    "Vilnius",
]
STREETS = tuple(
    f"{name} {kind}"
    for i, name in enumerate(
        [
            "Alder",
            "Birch",
            "Canal",
            "Dove",
            "Elm",
            "Fountain",
            "Garden",
            "Harbour",
            "Island",
            "Juniper",
            "Kiln",
            "Linden",
            "Mill",
            "North",
            "Orchard",
            "Poplar",
            "Quarry",
            "River",
            "Station",
            "Tower",
            "Union",
            "Valley",
            "Willow",
            "Yard",
        ]
    )
    for kind in ("Street", "Lane", "Road")[i % 3 : i % 3 + 1]
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = ("8:30", "9:00", "10:15", "11:00", "13:30", "14:00", "15:45", "16:30", "17:00")
MONTHS = ("January", "March", "April", "May", "June", "July", "September", "October", "November")

_STEMS = [
    "Fern",
    "North",
    "Harbor",
    "Maple",
    "Stone",
    "Clear",
    "Bright",
    "Cedar",
    "River",
    "Amber",
    "Silver",
    "Willow",
    "Iron",
    "Hazel",
    "Summit",
    "Meadow",
    "Lark",
    "Copper",
    "Juniper",
    "Granite",
    "Marble",
    "Raven",
    "Cobalt",
    "Drift",
    "Ember",
    "Frost",
    "Glen",
    "Hollow",
    "Indigo",
    "Jade",
]

TAILS: dict[str, tuple[str, ...]] = {
    "shop": ("Supply", "Outfitters", "Goods", "Market", "Store"),
    "tickets": ("Tickets", "Stage", "Box Office", "Events"),
    "library": ("Library", "Reads", "Shelf", "Lending"),
    "food": ("Kitchen", "Eats", "Delivery", "Table"),
    "mail": ("Mail", "Post", "Letters", "Inbox"),
    "chat": ("Chat", "Talk", "Messenger", "Line"),
    "notes": ("Notes", "Jotter", "Notebook", "Memo"),
    "contacts": ("Contacts", "Rolodex", "Address Book", "Circles"),
    "calendar": ("Calendar", "Agenda", "Planner", "Dates"),
    "todo": ("Tasks", "Checklist", "To-Do", "Errands"),
    "files": ("Files", "Drive", "Folders", "Vault"),
    "settings": ("Settings", "Preferences", "Control", "Setup"),
    "sheet": ("Sheets", "Grid", "Tables", "Ledger"),
    "maps": ("Maps", "Atlas", "Routes", "Compass"),
}


def brands(kind: str) -> list[str]:
    """Names that an application of a kind may have."""
    return [f"{stem} {tail}" for i, stem in enumerate(_STEMS) for tail in TAILS[kind][i % 2 :: 2]]


_GOODS = (
    "kettle teapot lantern backpack blanket notebook umbrella toaster cushion ladder hammock skillet thermos vase "
    "clock mirror basket apron bicycle pump, desk lamp, rain jacket, camping mug, garden hose, hand drill, wool "
    "scarf, running shoes, picnic basket, bread knife, travel pillow, phone stand, sewing kit, chess set, tool "
    "box"
)
COLOURS = ("blue", "red", "green", "grey", "copper", "white", "black", "yellow", "oak", "folding", "compact", "heavy")
_SHOWS = (
    "Winter Songs, The Glass Harbor, Night Train, Comedy of Rain, Paper Moons, String Quartet Evening, Harvest "
    "Dance, The Last Lighthouse, Jazz at Dusk, City Choir Gala, Silent Film Night, Circus Aurora, Lantern Parade, "
    "Opera in the Park, The Clockmaker, Drums of May, Poetry Slam Final, Ballet of Leaves, Stories of Salt, Brass "
    "Band Sunday, Shadow Theatre, The Green Curtain, Folk Fair, Piano Marathon, Stand-up Special, Magic Hour, "
    "Tango Matinee, Youth Orchestra"
)
_BOOKS = (
    "The Salt Road, A Field of Clocks, Bees of the North, Letters to Ada, Small Engines, The Quiet Delta, Maps of "
    "Silence, Winter Grammar, The Orchard Year, Seven Bridges, Notes on Rain, The Paper Garden, A History of "
    "Doors, Moth and Candle, The Blue Ferry, Stone Soup, Counting Tides, The Tin Piano, Bread and Maps, Under Two "
    "Moons, The Lamp Keeper, Ink and Iron, A Short Summer, Foxes at Noon, The Hidden Valley, Tales of the Coast, "
    "Night Trains"
)
_DISHES = (
    "lentil soup, margherita pizza, pumpkin curry, noodle bowl, falafel plate, mushroom risotto, tomato salad, "
    "fish tacos, spinach pie, chicken ramen, vegetable lasagne, potato gratin, bean burrito, rice pudding, apple "
    "strudel, pad thai, beef stew, garlic bread, miso salmon, onion tart, cheese dumplings, green smoothie, "
    "waffles with berries, shakshuka, caesar wrap, paneer tikka, seafood paella, mango lassi, walnut brownie, "
    "couscous bowl"
)
SUBJECTS = (
    "the garden party, the flat inspection, the quarterly figures, the bike repair, the school trip, the new "
    "printer, the rent contract, the choir rehearsal, the birthday cake, the ferry timetable, the museum visit, "
    "the water bill, the book club, the parking permit, the kitchen plan, the moving van, the job interview, the "
    "ski weekend, the allotment keys, the team lunch, the insurance claim, the lost scarf, the photo album, the "
    "tennis court, the neighbourhood meeting, the car inspection, the language course, the wedding list, the dog "
    "sitter, the roof repair"
)
_APPOINTMENTS = (
    "dentist, eye test, piano lesson, haircut, vet visit, yoga class, parents evening, budget review, team "
    "standup, physiotherapy, driving lesson, tax advisor, flat viewing, blood test, choir rehearsal, swim "
    "training, board game night, design review, boiler service, chess club, first aid course, pottery class, "
    "lunch with the landlord, sprint planning, car service, photo shoot, book club, tennis match, guitar lesson, "
    "release meeting"
)
_ERRANDS = (
    "renew passport, water the plants, pay the gas bill, return library books, order firewood, fix the bike "
    "chain, call the plumber, buy stamps, clean the gutters, book the ferry, back up the photos, wash the "
    "curtains, sharpen knives, plan the hike, sort the receipts, defrost the freezer, paint the fence, empty the "
    "compost, pick up parcels, write thank-you cards, check smoke alarms, replace the bulb, cancel the gym, prune "
    "the roses, update the will, print tickets, repair the zipper, descale the kettle, label the jars, oil the "
    "hinges"
)
_NOTES = (
    "bread recipe, packing list, gift ideas, wifi codes, garden plan, reading list, meeting minutes, paint "
    "colours, film list, travel budget, workout plan, guest list, repair log, tea blends, house rules, song "
    "lyrics, birthday dates, interview questions, bike routes, plant diary, quote collection, key numbers, soup "
    "recipe, museum hours, jam labels, language phrases, star charts, cleaning rota, trip diary, wine notes"
)
_FILES = (
    "invoice, budget, itinerary, contract, floor plan, newsletter draft, team photo, price list, manual, survey, "
    "poster, menu, minutes, schedule, guest list, tax form, logo, receipt, map, thesis, inventory, report, "
    "application, slides, recipe book, certificate, insurance policy, voucher, transcript, timetable"
)
_SETTINGS = (
    "dark mode, screen brightness, night light, notification sounds, automatic updates, bluetooth, location "
    "access, screen lock, battery saver, keyboard layout, mouse speed, text size, time zone, wallpaper, autoplay, "
    "voice typing, airplane mode, microphone access, colour filter, screen timeout, mobile hotspot, reduced "
    "motion, caps lock warning, high contrast, subtitle style, camera access, data saver, sticky keys, touchpad "
    "gestures, startup sound"
)
_COLUMNS = (
    "rent, groceries, travel, heating, books, repairs, phone, insurance, clothes, gifts, coffee, fuel, tickets, "
    "garden, pets, tools, music, school, sports, cleaning, postage, bakery, medicine, furniture, parking, water, "
    "power, internet, charity, lunches"
)
_PLACES = (
    "City Museum, Central Station, Botanic Garden, Old Town Hall, Harbour Pool, Market Hall, Castle Hill, Science "
    "Centre, Riverside Park, Opera House, Zoo Gate, North Stadium, University Library, Fish Market, Observatory, "
    "Ferry Terminal, Folk Museum, Ice Rink, Flower Market, Film Archive, Cathedral Square, Airport Rail Stop, "
    "Climbing Hall, Aqueduct, Steam Museum, Lighthouse Point, Tram Depot, Sculpture Park, Bus Terminal, Sailing "
    "Club"
)


def _list(text: str) -> list[str]:
    """Phrases divided by commas; words before the first comma that stand alone are one each."""
    return [part.strip() for part in text.split(",")]


OBJECTS: dict[str, list[str]] = {
    "shop": [*_GOODS.split(" bicycle")[0].split(), "bicycle pump", *_list(_GOODS)[1:]],
    "tickets": _list(_SHOWS),
    "library": _list(_BOOKS),
    "food": _list(_DISHES),
    "mail": _list(SUBJECTS),
    "chat": _list(SUBJECTS),
    "notes": _list(_NOTES),
    "contacts": list(PEOPLE),
    "calendar": _list(_APPOINTMENTS),
    "todo": _list(_ERRANDS),
    "files": _list(_FILES),
    "settings": _list(_SETTINGS),
    "sheet": _list(_COLUMNS),
    "maps": _list(_PLACES),
}
"""What the applications of each kind hold."""

SENTENCES = (
    "I will be there at {hour}",
    "please bring the papers on {day}",
    "could we talk about it on {day}",
    "the address is {street} {n}",
    "it is moved to {day}",
    "thank you for the quick reply",
    "we need {n} chairs",
    "the door code is {n}{n}",
    "let me know by {day}",
    "I can pick you up at {hour}",
    "the train leaves at {hour}",
    "everything is ready for {day}",
)
PROMOS = (
    "Get our weekly letter", "Spring sale: 20% off", "Rate your experience", "Try the mobile app", "Invite a friend",
    "New: faster search", "Join the loyalty club", "Answer a short survey", "Free trial ends soon",
    "Follow our channel",
)  # fmt: skip
TIPS = (
    "Rate your experience", "Try the mobile app", "New: faster search", "Answer a short survey", "Tip of the day",
    "An update is ready", "What is new in this version", "Backup is switched off",
)  # fmt: skip
CONSENTS = ("Accept all", "Only necessary", "Got it", "Allow cookies", "Decline")
DISMISSALS = ("No thanks", "Maybe later", "Close", "Not now", "Dismiss")
NEWSLETTERS = (
    "Garden Gazette", "Weekend Deals", "Tech Digest", "Travel Teaser", "Recipe Roundup", "City Events Letter",
    "Football Bulletin", "Fashion Flash", "Photo Weekly", "Investor Brief", "Book Bargains", "Fitness Tips",
    "Movie Monday", "Coupon Courier", "Craft Corner", "Startup Herald",
)  # fmt: skip
