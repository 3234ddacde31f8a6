"""Rooms by name and by what they are for, things by colour and make: the words of the world `house`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ROOMS: Mapping[str, str] = {
    "kitchen": "where one cooks",
    "bathroom": "where one takes a bath",
    "bedroom": "where one sleeps",
    "living room": "where the sofa evenings happen",
    "dining room": "where one has dinner",
    "hall": "where one comes in",
    "study": "where one works at a desk",
    "pantry": "where the food is kept",
    "laundry room": "where clothes are washed",
    "nursery": "where the baby sleeps",
    "workshop": "where things are repaired",
    "garage": "where the car stands",
    "library": "where the books are",
    "cellar": "where the wine lies",
    "conservatory": "where the plants grow",
    "wardrobe": "where the clothes hang",
    "guest room": "where visitors sleep",
    "music room": "where the piano is played",
    "gym": "where one exercises",
    "playroom": "where the children play",
    "office": "where the paperwork is done",
    "utility room": "where the boiler hums",
    "boot room": "where the boots dry",
    "sunroom": "where one sits in the sun",
    "hobby room": "where one tinkers",
    "box room": "where the boxes are stacked",
    "sewing room": "where one sews",
    "darkroom": "where photos are developed",
    "loft": "where old things are stored",
    "cloakroom": "where the coats hang",
    "corridor": "where one only passes through",
    "toilet": "where one is alone",
    "shower room": "where one showers",
    "sauna": "where one sweats",
    "cinema room": "where films are watched",
    "larder": "where the jam is kept",
    "scullery": "where the dishes are washed",
    "winter garden": "where lemons ripen",
    "game room": "where billiards is played",
    "reading room": "where one reads",
    "studio": "where one paints",
    "atelier": "where one sculpts",
    "lobby": "where guests wait",
    "storeroom": "where supplies are kept",
    "coal cellar": "where the coal was",
    "tea room": "where tea is served",
    "smoking room": "where the ashtrays are",
    "trophy room": "where the cups are shown",
    "archive": "where the files are",
    "server room": "where the computers whirr",
    "greenhouse": "where the tomatoes grow",
    "porch": "where one wipes the shoes",
    "den": "where one hides away",
    "parlour": "where one receives guests",
    "chapel": "where one prays",
    "vestibule": "where one takes off the coat",
    "drying room": "where the washing dries",
    "tool shed": "where the tools are",
    "bike room": "where the bicycles stand",
    "map room": "where the maps are",
    "ballroom": "where one dances",
    "sickroom": "where the sick lie",
    "schoolroom": "where one learns",
    "dairy": "where butter is made",
}
"""Names and what the rooms are for."""

COLOURS: Mapping[str, tuple[float, float, float]] = {
    "red": (0.85, 0.1, 0.1),
    "green": (0.1, 0.65, 0.15),
    "blue": (0.1, 0.25, 0.85),
    "yellow": (0.95, 0.85, 0.1),
    "purple": (0.5, 0.15, 0.75),
    "orange": (0.95, 0.5, 0.05),
    "pink": (0.95, 0.5, 0.7),
    "white": (0.97, 0.97, 0.97),
    "black": (0.06, 0.06, 0.06),
    "brown": (0.45, 0.27, 0.1),
    "turquoise": (0.1, 0.75, 0.75),
    "grey": (0.45, 0.45, 0.45),
}
MAKES = (
    "chair", "table", "sofa", "bed", "bookcase", "crate", "lamp", "cupboard", "stool", "bench", "piano", "trunk",
    "column", "armchair", "chest", "counter",
)  # fmt: skip
"""What things are; `furniture` builds them."""
THINGS: Sequence[str] = tuple(f"{colour} {make}" for colour in COLOURS for make in MAKES)

WALLS = ("drywall", "stucco", "brick_wall", "marble", "cinder_blocks", "wood_planks", "concrete", "rock", "cardboard")
FLOORS = (
    "wood",
    "floor_tiles_bw",
    "concrete_tiles",
    "marble",
    "wood_planks",
    "concrete",
    "cardboard",
    "grass",
    "asphalt",
)
"""Textures of MiniWorld."""

PLANS: Sequence[str] = tuple(f"plan {k}" for k in range(240))
"""Ground plans; each is a seed of its own."""

PLACE: Mapping[str, str] = {
    "/place": "in the {room}", "/room_label": "room: {room}", "/scene": "this is the {room}",
    "/localiser": "located in the {room}", "/where": "the robot is in the {room}",
    "/semantic_map/room": "current room {room}", "/speech": "I am in the {room}",
}  # fmt: skip
"""Topics that tell the room, and their words."""
SEEN: Mapping[str, str] = {
    "/detections": "{thing}, {side}, {metres} m, {sure}", "/objects": "sees {thing} {side} at {metres} m ({sure})",
    "/detector/text": "{thing} | {side} | {metres} m | {sure}", "/camera/labels": "{side}: {thing} {metres} m p={sure}",
    "/vision": "a {thing}, {side}, {metres} m away, confidence {sure}",
}  # fmt: skip
"""Topics that tell things seen, and their words."""
