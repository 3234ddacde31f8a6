"""Words that fill the slots of procedures: things, places and names; each list is a pool of its own."""

from __future__ import annotations

from collections.abc import Mapping


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.replace("\n", " ").split(",") if word.strip())


WORDS: Mapping[str, tuple[str, ...]] = {
    "veg": _listed("""leek, carrot, pumpkin, courgette, aubergine, celery, parsnip, fennel, beetroot, cauliflower,
        broccoli, kohlrabi, turnip, cucumber, pepper, spinach, asparagus, sweet potato, mushroom, radish, swede,
        artichoke, chicory, okra, sweetcorn, Swiss chard"""),
    "fruit": _listed("""apple, pear, plum, peach, cherry, mango, strawberry, raspberry, blueberry, apricot, banana, fig,
        gooseberry, blackberry, melon, pineapple, quince, rhubarb, kiwi, papaya, nectarine, cranberry"""),
    "herb": _listed("""parsley, basil, mint, thyme, sage, dill, chives, coriander, rosemary, tarragon, oregano, lovage,
        chervil, marjoram, lemon balm, cress, sorrel, savory"""),
    "grain": _listed("rye, spelt, oat, wheat, barley, buckwheat, millet, corn, emmer, quinoa, amaranth, einkorn"),
    "pot": _listed("""pot, saucepan, stockpot, casserole, cauldron, steel pot, enamel pot, copper pot, stew pot,
        pressure cooker, cast-iron pot, small pot, wide pot, milk pan"""),
    "pan": _listed("""frying pan, skillet, iron pan, wok, steel pan, crepe pan, grill pan, copper pan, ceramic pan,
        shallow pan, flat pan, square pan"""),
    "bowl": _listed("""glass bowl, bowl, mixing bowl, tin bowl, wooden bowl, china bowl, enamel bowl, blue bowl,
        salad bowl, clay bowl, plastic bowl, deep bowl"""),
    "knife": _listed("""knife, kitchen knife, bread knife, paring knife, cleaver, chef's knife, pocket knife,
        ceramic knife, serrated knife, steel knife, small knife, utility knife"""),
    "spoon": _listed("""wooden spoon, spoon, silver spoon, tablespoon, soup spoon, horn spoon, long spoon, steel spoon,
        flat spoon, bamboo spoon, serving spoon, big spoon"""),
    "whisk": _listed("""whisk, balloon whisk, hand mixer, egg beater, electric whisk, flat whisk, spiral whisk,
        wire whisk, fork, twig whisk, small whisk, stand mixer"""),
    "cloth": _listed("""tea towel, cloth, dishcloth, rag, linen cloth, kitchen towel, microfibre cloth, old shirt,
        cotton cloth, muslin, chamois, flannel, duster, glass cloth, bar towel, terry cloth, face cloth, pot cloth"""),
    "plate": _listed("""plates, plate, platter, dinner plates, saucers, wooden boards, blue plates, paper plates,
        soup plates, tin plates, glass plates, dessert plates"""),
    "cup": _listed("""cups, mugs, glasses, tumblers, beakers, tin mugs, teacups, goblets, jam glasses, tea glasses,
        clay cups, coffee cups"""),
    "garment": _listed("""shirts, trousers, socks, blouses, jumpers, dresses, pyjamas, skirts, jeans, towels,
        curtains, aprons, T-shirts, scarves, overalls, cardigans, pillowcases, uniforms"""),
    "vehicle": _listed("""bicycle, pram, scooter, wheelbarrow, wheelchair, trailer, tricycle, handcart, cargo bike,
        racing bike, unicycle, buggy"""),
    "wrench": _listed("""wrench, spanner, pliers, socket wrench, ring spanner, ratchet, pipe wrench, multi-tool,
        box spanner, monkey wrench, torque wrench, hex key"""),
    "drain": _listed("""washbasin, kitchen sink, shower, bathtub, utility sink, bidet, floor drain, hand basin,
        laundry sink, guest basin, double sink, bar sink"""),
    "lamp": _listed("""ceiling lamp, floor lamp, desk lamp, bedside lamp, hall light, wall lamp, chandelier, lantern,
        reading lamp, spotlight, pendant light, porch light"""),
    "furniture": _listed("""shelf, wardrobe, chair, bench, bookcase, cot, chest of drawers, stool, desk, dresser,
        bedside table, coffee table, coat rack, cupboard, sideboard, shoe cabinet"""),
    "window": _listed("""window, skylight, kitchen window, balcony door, bay window, mirror, shop window, glass door,
        terrace door, dormer window, cellar window, attic window"""),
    "bath": _listed("""bathtub, shower tray, washbasin, toilet, shower cabin, bidet, tiles, hip bath, whirlpool,
        urinal, footbath, wet room"""),
    "room": _listed("""living room, bedroom, nursery, study, hall, attic, guest room, playroom, library, office,
        landing, den, dining room, sunroom"""),
    "trip": _listed("""a birthday, a week by the sea, a wedding, a school trip, a weekend in the hills, a conference,
        a picnic, an anniversary, a family visit, a garden party, a christening, a reunion, a holiday, a feast"""),
    "gift": _listed("""book, teddy bear, vase, football, scarf, bottle, puzzle, toy train, necklace, picture frame,
        jigsaw, board game, clock, doll"""),
    "plant": _listed("""fern, rubber plant, orchid, cactus, geranium, ivy, rose bush, lavender, olive tree, fuchsia,
        begonia, hydrangea, lemon tree, palm, aloe, jasmine"""),
    "limb": _listed("""hand, knee, elbow, ankle, finger, arm, foot, wrist, shin, thumb, heel, calf, forearm, toe"""),
    "pet": _listed("""dog, cat, puppy, guinea pig, rabbit, terrier, poodle, kitten, hamster, collie, spaniel, ferret,
        dachshund, goat"""),
    "flower": _listed("""tulips, roses, daisies, lilies, asters, sunflowers, carnations, peonies, irises, dahlias,
        freesias, poppies, zinnias, anemones"""),
    "shoe": _listed("""boots, brogues, loafers, hiking boots, riding boots, shoes, sandals, moccasins, ankle boots,
        school shoes, work boots, clogs"""),
    "craft": _listed("""kite, lantern, paper star, birdhouse, mobile, mask, doll's house, windmill, puppet,
        pinhole camera, model boat, castle, rocket, crown"""),
    "device": _listed("""smoke alarm, thermostat, doorbell, router, camera, speaker, baby monitor, alarm clock,
        weather station, printer, timer, motion sensor"""),
}
"""Options of each slot."""

PEOPLE = _listed("""Anna, Ben, Carla, David, Elif, Farid, Grace, Hugo, Ines, Jonas, Kemal, Lena, Marta, Nils, Olga,
    Pablo, Quentin, Rosa, Samir, Tanja, Uwe, Vera, Wanda, Xenia, Yusuf, Zoe, Amir, Bianca, Cem, Dora, Emil, Fiona,
    Goran, Helga, Ivan, Judith, Karim, Luisa, Milan, Nadia""")
"""Who may be named."""

CHILD = _listed("the baby, the toddler, the neighbour, grandma, the postman, the plumber, the twins, the landlord")
"""Who may disturb."""
