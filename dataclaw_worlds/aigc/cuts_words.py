"""Vocabularies of invented programmes: what they are about, who speaks in them, how an editor names clips."""

from __future__ import annotations

from dataclasses import dataclass


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


THEMES = _lines(
    """
bakery|head baker,apprentice,miller|bakehouse,shop front,mill|kneading dough,the oven,crusts,flour sacks,scales
apiary|beekeeper,botanist,honey trader|hives,meadow,honey room|bees,the smoker,honeycomb,jars,the extractor
climbing hall|route setter,coach,youngest climber|boulder wall,lead wall,cafe|chalk,ropes,shoes,holds,falls
harbour|harbour master,crane driver,fisher|quay,lighthouse,fish market|nets,gulls,containers,ropes,cranes
orchestra|conductor,first violinist,stage hand|concert hall,rehearsal room,foyer|bows,scores,timpani,brass,tuning
robot lab|lead engineer,doctoral student,technician|workshop,test track,server room|grippers,wiring,sensors,arms
vineyard|winemaker,picker,cellar hand|slopes,cellar,tasting room|grapes,barrels,the press,bottles,corks
fire station|station chief,driver,trainee|garage,drill tower,alarm room|hoses,helmets,ladders,sirens,boots
pottery|potter,glazer,collector|studio,kiln yard,gallery|clay,the wheel,glazes,kiln doors,bowls
village school|teacher,caretaker,pupil|classroom,playground,library|chalkboards,satchels,maps,pencils,bells
hospital|surgeon,night nurse,porter|ward,operating room,kitchen|monitors,gloves,beds,corridors,charts
bicycle workshop|mechanic,courier,welder|workbench,yard,test lane|spokes,chains,paint,frames,tools
marathon|race director,winner,physiotherapist|start line,bridge,finish|runners,cups,medals,clocks,crowds
street market|stall holder,spice seller,market guard|main aisle,fish hall,tram stop|fruit,awnings,scales,baskets,crates
glass studio|glassblower,designer,furnace keeper|furnace,cold shop,showroom|molten glass,pipes,vases,sparks,shears
observatory|astronomer,night guide,optician|dome,control room,hill|mirrors,star trails,charts,gears,monitors
dance company|choreographer,principal dancer,dresser|stage,mirror room,wings|shoes,leaps,costumes,lights,ropes
tram depot|tram driver,track layer,dispatcher|depot,terminus,control desk|rails,wheels,pantographs,tickets,switches
theatre|director,prompter,lighting designer|stage,dressing room,balcony|curtains,masks,spotlights,props,wigs
ferry|captain,deckhand,cook|bridge,car deck,galley|waves,ropes,radar,engines,flags
tea farm|tea master,picker,driver|terraces,drying room,tea house|leaves,steam,baskets,cups,kettles
chess club|grandmaster,club president,junior champion|playing hall,analysis room,garden|clocks,pawns,notation,hands
library|librarian,bookbinder,night reader|reading room,stacks,bindery|shelves,catalogue cards,lamps,paste,spines
zoo|elephant keeper,vet,guide|elephant house,aviary,clinic|feeding,feathers,fences,buckets,cubs
mountain rescue|team leader,dog handler,helicopter pilot|base camp,ridge,helipad|ropes,dogs,radios,snow,rotors
flower shop|florist,grower,delivery driver|counter,greenhouse,van|roses,ribbons,petals,buckets,wreaths
brewery|brewmaster,cooper,taster|brew house,cooperage,beer garden|hops,copper kettles,foam,casks,malt
football club|coach,goalkeeper,groundskeeper|pitch,changing room,stand|balls,nets,scarves,goals,boots
coffee roastery|roaster,barista,importer|roasting floor,bar,warehouse|beans,steam,cups,sacks,grinders
print shop|printer,typesetter,poet|press room,type cabinet,shop window|ink,rollers,type,paper,proofs
shipyard|shipwright,welder,naval architect|dry dock,drawing office,slipway|hulls,sparks,planks,rivets,cranes
radio station|presenter,producer,news editor|studio one,newsroom,transmitter hill|microphones,faders,headphones,scripts
community garden|gardener,neighbour,seed collector|beds,compost corner,tool shed|seedlings,tomatoes,watering cans,worms
cheese dairy|cheesemaker,affineur,goatherd|dairy,ripening cave,pasture|curds,wheels of cheese,goats,brine,moulds
sheep farm|shepherd,shearer,weaver|fold,shearing shed,loom room|wool,dogs,lambs,yarn,gates
skate park|park founder,skater,concrete mason|bowl,street section,bench|boards,wheels,ramps,grinds,stickers
film museum|curator,projectionist,restorer|projection booth,vault,exhibition|reels,projectors,posters,lenses,splices
tailor shop|tailor,cutter,bride|cutting table,fitting room,window|needles,cloth,chalk,buttons,scissors
violin workshop|violin maker,wood merchant,soloist|bench,wood store,concert room|scrolls,varnish,shavings,strings,clamps
weather station|meteorologist,balloon pilot,data analyst|roof,radar tower,forecast desk|clouds,balloons,gauges,maps
salt works|salt worker,plant manager,historian|pans,boiling house,store|crystals,rakes,steam,sacks,sluices
puppet theatre|puppeteer,carver,ticket seller|stage,carving bench,foyer|strings,faces,paint,curtains,hands
"""
)
"""`theme|roles|places|things that cutaways show`."""
FIRST = _words(
    """
Mara Tomas Ines Jonas Leila Pavel Aiko Ruben Nadia Otto Sofia Emil Zora Henrik Amara Luca Greta Yusuf Elif
Anton Freya Mateo Hana Viktor Noor Oskar Lucia Bram Vera Idris Clara Niko Tove Rafael Salma Igor Edda Marco
Lin Kofi Petra Samir Runa Felix Dalia Hugo Mei Stefan Thea Omar
"""
)
LAST = _words(
    """
Lind Novak Haddad Berger Okafor Tanaka Rossi Kowalski Silva Marsh Dietrich Amari Petrov Holm Castell Vance
Yilmaz Brandt Moreau Szabo Keller Ito Lindqvist Farah Doyle Weiss Santos Krol Ahmed Varga Nilsen Costa Meyer
Ortega Janssen Popov Sato Ferrara Quinn Baptiste Horvat Lange Adeyemi Roth Vidal Mori Steiner Khan Olsen
Duarte
"""
)
TITLES = _lines(
    """
The {theme}
A day at the {theme}
{theme}: the people behind it
Inside the {theme}
One year, one {theme}
Before dawn at the {theme}
What keeps the {theme} going
The last {theme}
Our {theme}
{theme} stories
"""
)


@dataclass(frozen=True, slots=True)
class Strand:
    """A kind of clip.

    Attributes:
        tags: how editors mark it in a clip's name; a layout uses one of them throughout.
        one: it in words, one of it.
        many: several of it.
        zh: it in Chinese.
    """

    tags: tuple[str, ...]
    one: str
    many: str
    zh: str


_STRANDS = """
interview|INT,interview,ITV,talking head,sitdown,IV|interview shot|interview shots|采访镜头
b-roll|BR,b-roll,cutaway,insert,GV,detail|cutaway|cutaways|空镜头
drone|DRN,drone,aerial,UAV,air|drone shot|drone shots|航拍镜头
wide|WS,wide,EST,establisher,total|wide establishing shot|wide establishing shots|全景镜头
archive|ARC,archive,library footage,found footage,old film|archive clip|archive clips|资料片段
time lapse|TL,timelapse,lapse,hyperlapse|time lapse|time lapses|延时镜头
reaction|RX,reaction,listening,noddy|reaction shot|reaction shots|反应镜头
title|TTL,title,card,titel|title card|title cards|标题卡
lower third|LT,lower third,name super,strap,bauchbinde|lower third|lower thirds|人名条
credits|CRD,end credits,roller,credits|credits|credits|片尾字幕
music|MX,music,score,track|music cue|music cues|配乐
voice-over|VO,voiceover,narration,commentary|line of voice-over|lines of voice-over|旁白
ambience|ATM,ambience,atmo,roomtone,wild track|ambience|ambiences|环境声
sound|SYNC,sound,dialogue,dx|sync sound|sync sounds|同期声
"""


def _strand(line: str) -> tuple[str, Strand]:
    name, tags, one, many, zh = line.split("|")
    return name, Strand(tuple(tags.split(",")), one, many, zh)


STRANDS: dict[str, Strand] = dict(map(_strand, _STRANDS.strip().splitlines()))
"""What clips are, by what a truth calls them."""
NAMINGS = _lines(
    """
{tag} {who} {what} {cam} {take}
{tag}_{who}_{what}_{cam}{take}
Sc{scene} {tag} {who} {what} T{take} {cam}
{cam}{reel} {tag} {who} {what}
{scene}-{take}{cam} {tag} {who} {what}
{what} {who} ({tag}) {cam} take {take}
{who} {what} - {tag} - {cam}{take}
{reel}_{tag}_{who}_{what}_cam{cam}
{tag}{scene} t{take} {who} {what} cam {cam}
[{tag}] {who} {what} / {cam} / {take}
{tag}: {who} {what}, camera {cam}
S{scene}_T{take}_{cam}_{tag}_{who}_{what}
{what} {who} {tag} {cam}-cam #{take}
{cam} {scene}/{take} {tag} {who} {what}
{tag}.{who}.{what}.{cam}.{take}
{who} {what} {tag} ({cam}, take {take})
{tag}~{what}~{who}~{cam}~{take}
CAM{cam} S{scene} {tag} {who} {what} tk{take}
{scene}{cam} t{take} - {what} {who} - {tag}
{tag} | {who} {what} | cam {cam} | {take}
{take}_{cam}_{scene}_{tag}_{who}_{what}
"""
)
"""How clips are named; `cam` is a letter, `scene`, `take` and `reel` numbers."""
FORMATS = ("otio", "edl", "fcp7")
SUFFIXES = (".mov", ".mxf", ".mp4", ".MOV", "")
_NOTES = """
client|client: shorten this|client asks for a logo here|client note - too dark|client wants another take
client|client: please no close-ups|client would like the product longer|client says the joke has to go
client|client approved, do not touch|per client: swap with next shot|client: is this the right person?
grade|grade: match to previous|fix white balance|colour: skin too red|grade sky|lift the shadows
grade|grade: pull the greens|colour - warmer please|grade: blown window|colour shift between cameras|night look here
sound|duck music here|pop on the mic|wind noise, denoise|sound: crossfade|hum at 50 Hz
sound|sound: lip smack|level too low, raise|clothes rustle on lavalier|sound: phone rings|room tone missing under this
rights|licence missing|rights not cleared|ask for permission|music not licensed yet|release form?
rights|logo on the shirt, clear it|archive fee still open|who owns this photo?|painting in shot, artist unknown
rights|minor in frame, consent?|stock clip: preview only
chapter|chapter: beginnings|chapter: at work|chapter: the crisis|chapter: looking ahead|chapter: goodbye
chapter|chapter: morning|chapter: the others|chapter: by hand|chapter: a guest|chapter: what is left|chapter: the wager
"""


def _notes(rows: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        about, *texts = row.split("|")
        found[about] = (*found.get(about, ()), *texts)
    return found


NOTES = _notes(_lines(_NOTES))
"""Comments of markers by what they are about."""
COLOURS = ("RED", "GREEN", "BLUE", "YELLOW", "CYAN", "MAGENTA")
