"""What the code of a plugin may not do, by the part that it belongs to, and what to do instead.

A reward must be the same tomorrow, on another machine and in another process: so rules and plans see what they are
given and nothing else. Tools may read files (weights, tables), loaders must read them; neither may change anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that code does.

    Attributes:
        says: a verb and its object ("reads the clock").
        remedy: what to do instead.
        names: dotted names that do it; "random.*" stands for everything below.
    """

    says: str
    remedy: str
    names: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether this dotted name does it."""
        return any(name == one or (one.endswith(".*") and name.startswith(one[:-1])) for one in self.names)


def _split(names: str) -> tuple[str, ...]:
    return tuple(names.split())


CLOCK = Deed(
    "reads the clock",
    "Use the times of events and anchors and the window: they are the same tomorrow.",
    _split(
        "time.time time.time_ns time.monotonic time.monotonic_ns time.perf_counter time.perf_counter_ns "
        "time.process_time time.thread_time time.localtime time.gmtime time.ctime time.strftime "
        "datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today"
    ),
)
WAITING = Deed("waits", "Take it out: the run waits with it, and a rule is given up after 2 s.", _split("time.sleep"))
ENVIRONMENT = Deed(
    "reads the environment",
    "Make it a parameter in domain.toml (params), or a table beside the code.",
    _split(
        "os.environ os.environb os.getenv os.getcwd os.getcwdb os.getlogin os.getpid os.uname os.cpu_count "
        "os.path.expanduser os.path.expandvars getpass.* locale.* platform.* sys.argv "
        "pathlib.Path.cwd pathlib.Path.home pathlib.Path().expanduser"
    ),
)
READING = Deed(
    "reads files",
    "Take what the stream holds from the case; keep tables beside the code and read them from Path(__file__).",
    _split(
        "builtins.open io.open codecs.open os.open os.listdir os.scandir os.walk os.stat os.path.exists os.path.isfile "
        "os.path.isdir os.path.getmtime os.path.getsize glob.glob glob.iglob numpy.load numpy.loadtxt numpy.fromfile "
        "builtins.input pathlib.Path().open pathlib.Path().read_text pathlib.Path().read_bytes "
        "pathlib.Path().exists pathlib.Path().is_file pathlib.Path().is_dir pathlib.Path().stat "
        "pathlib.Path().iterdir pathlib.Path().glob pathlib.Path().rglob ?.read_text() ?.read_bytes()"
    ),
)
WRITING = Deed(
    "writes files",
    "Give back what was found: DataClaw writes the samples.",
    _split(
        "os.remove os.unlink os.rename os.replace os.mkdir os.makedirs os.rmdir os.removedirs os.truncate os.chmod "
        "os.symlink os.link os.chdir os.putenv shutil.* tempfile.* sqlite3.connect numpy.save numpy.savez "
        "numpy.savetxt pathlib.Path().write_text pathlib.Path().write_bytes pathlib.Path().mkdir "
        "pathlib.Path().touch pathlib.Path().unlink pathlib.Path().rename pathlib.Path().replace "
        "pathlib.Path().rmdir pathlib.Path().symlink_to ?.write_text() ?.write_bytes()"
    ),
)
CHANCE = Deed(
    "draws random numbers",
    "Take them out, or draw them from random.Random(0): equal drafts must get equal rewards.",
    _split("random.* secrets.* uuid.uuid1 uuid.uuid4 numpy.random.* os.urandom"),
)
NETWORK = Deed(
    "opens the network",
    "Put what it would fetch beside the code, as a table.",
    _split(
        "socket.* ssl.* http.client.* http.server.* urllib.request.* ftplib.* smtplib.* imaplib.* xmlrpc.* requests.* "
        "httpx.* httpx2.* aiohttp.* urllib3.* websockets.*"
    ),
)
PROCESSES = Deed(
    "starts processes",
    "Use a library that does it within the process.",
    _split(
        "subprocess.* multiprocessing.* pty.* os.system os.popen os.fork os.forkpty os.kill os.killpg os.startfile "
        "os.execl os.execle os.execlp os.execv os.execve os.execvp os.spawnl os.spawnlp os.spawnv os.spawnvp "
        "os.posix_spawn os.posix_spawnp asyncio.create_subprocess_exec asyncio.create_subprocess_shell "
        "concurrent.futures.ProcessPoolExecutor"
    ),
)
ENDING = Deed(
    "ends the process",
    "Return, or raise an error: it is told as the plugin's.",
    _split("os._exit os.abort sys.exit builtins.exit builtins.quit signal.* faulthandler.* posix._exit"),
)
HIDDEN = Deed(
    "runs code that nobody can read",
    "Write it out, or import it by name.",
    _split(
        "builtins.eval builtins.exec builtins.compile builtins.__import__ ctypes.* importlib.import_module marshal.* "
        "pickle.loads pickle.load runpy.* sys.modules sys.settrace sys.setprofile"
    ),
)
SEEDED = frozenset({"random.Random", "numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.Generator"})
"""Sources of numbers that are the same each time where they are given a seed."""

_EVERYTHING = (CLOCK, WAITING, ENVIRONMENT, READING, WRITING, CHANCE, NETWORK, PROCESSES, ENDING, HIDDEN)
FORBIDDEN: Mapping[str, tuple[Deed, ...]] = {
    "rules": _EVERYTHING,
    "plans": _EVERYTHING,
    "tools": tuple(deed for deed in _EVERYTHING if deed is not READING),
    "loaders": (WRITING, CHANCE, NETWORK, PROCESSES, ENDING),
}
"""What each module of a plugin, with what it imports of the plugin, may not do."""
