"""The real daemon in a directory of its own, and the real command line client, as real users.

As root the daemon runs as a uid that nothing else has, and clients as others; an ordinary user is
both. Cases that need several users are skipped then.
"""

import atexit
import contextlib
import os
import shutil
import subprocess
import tempfile
import time
import unittest

import wire

IS_ROOT = os.geteuid() == 0
DAEMON_UID = 64000 if IS_ROOT else os.geteuid()
ALICE, BOB, CAROL = (64001, 64002, 64003) if IS_ROOT else (os.geteuid(),) * 3
PATIENCE = 60  # seconds for what takes a fraction of one

needs_root = unittest.skipUnless(IS_ROOT, 'needs root')


class Programs:
    """What was built, where every user can run it."""

    def install(self, daemon, client, library):
        self.built = [daemon, client, library]
        self.folder = tempfile.mkdtemp(prefix='strongroom-programs-')
        atexit.register(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)
        self.daemon = shutil.copy(daemon, self.folder)
        worker = os.path.join(os.path.dirname(daemon), 'strongroom-token-worker')
        if os.path.exists(worker):  # of a build with tokens; the daemon looks for it beside itself
            self.built.append(worker)
            shutil.copy(worker, self.folder)
        self.client = shutil.copy(client, self.folder)
        # The client looks for it by its version.
        shutil.copy(library, os.path.join(self.folder, 'libstrongroom.so.0'))


programs = Programs()


def become(uid, groups=()):
    """For preexec_fn."""
    def give_up_root():
        if IS_ROOT:
            os.setgroups(groups)
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
    return give_up_root


@contextlib.contextmanager
def acting_as(uid, groups=()):
    """What is done inside, this process does with that effective uid."""
    if not IS_ROOT:
        yield
        return
    before = os.getgroups()
    os.setgroups(groups)
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(before)


class Daemon:
    """A running strongroomd."""

    def __init__(self, command, place, uid=DAEMON_UID, environment=None, **popen):
        self.place = place
        with open(place.log, 'ab') as log:
            self.process = subprocess.Popen(command, preexec_fn=become(uid), cwd='/', stderr=log,
                                            env=os.environ | (environment or {}), **popen)
        self.pid = self.process.pid

    def wait_until_it_listens(self, path):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                wire.Connection(path).socket.close()
                return
            except OSError:
                time.sleep(0.01)
        raise AssertionError(f'the daemon does not listen: {self.place.read_log()}')

    def wait(self):
        return self.process.wait(PATIENCE)

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """As a service manager would; gives the exit code."""
        self.process.terminate()
        return self.wait()

    def end(self):
        self.process.kill()
        self.process.wait()

    def status(self, key):
        """A value of /proc/PID/status."""
        with open(f'/proc/{self.pid}/status', encoding='ascii') as status:
            return next(line.split(':')[1].strip() for line in status if line.startswith(key + ':'))


class Place:
    """Directories for one daemon and its clients, and what is done with them."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix='strongroom-')
        os.chmod(self.root, 0o755)
        self.state = self.make_directory('state', DAEMON_UID)
        self.socket = os.path.join(self.state, 'strongroom.sock')
        self.admin_socket = os.path.join(self.state, 'admin.sock')
        self.log = os.path.join(self.root, 'log')
        self.daemons = []

    def make_directory(self, name, uid):
        path = os.path.join(self.root, name)
        os.mkdir(path, 0o755)
        os.chmod(path, 0o755)
        if IS_ROOT:
            os.chown(path, uid, uid)
        return path

    def write(self, name, content, uid=0):
        path = os.path.join(self.root, name)
        with open(path, 'wb') as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        os.chmod(path, 0o644)
        if IS_ROOT:
            os.chown(path, uid, uid)
        return path

    def configuration(self, *, sockets=None, service='', rest=''):
        """Writes a configuration for `state`; gives its path."""
        sockets = sockets or f'[[socket]]\npath = "{self.socket}"\nmode = "0666"\n'
        return self.write('strongroom.toml', (
            f'[service]\nrequire_locked_memory = false\n{service}\n{sockets}\n'
            f'[store]\npath = "{self.state}/keys.db"\nkey_source = "file:{self.state}/store.key"\n'
            + (rest if '[admin]' in rest else f'[admin]\ngroups = []\n{rest}\n')))

    def start(self, *words, listens_at=None, **how):
        """Starts a daemon, on defaults unless `words` say otherwise, and waits until it serves."""
        command = [programs.daemon, *(words or ('--standalone', self.state))]
        daemon = Daemon(command, self, **how)
        self.daemons.append(daemon)
        daemon.wait_until_it_listens(listens_at or self.socket)
        return daemon

    def spawn(self, command, **how):
        """A daemon that may not listen yet, started by a command of its own."""
        self.daemons.append(Daemon(command, self, **how))
        return self.daemons[-1]

    def run_daemon(self, *words, uid=DAEMON_UID, environment=None):
        """Runs it to its end; gives exit code, standard output and standard error."""
        done = subprocess.run([programs.daemon, *words], preexec_fn=become(uid), cwd='/',
                              env=os.environ | (environment or {}), capture_output=True, text=True, timeout=PATIENCE, check=False)
        return done.returncode, done.stdout, done.stderr

    def read_log(self):
        with open(self.log, encoding='utf-8') as log:
            return log.read()

    def is_instrumented(self):
        """Whether the daemon that was started here has a sanitizer in it."""
        return 'this build is instrumented' in self.read_log()

    def remove(self):
        for daemon in self.daemons:
            daemon.end()
        shutil.rmtree(self.root)


class Session:
    """One user at the command line, in a directory of their own."""

    def __init__(self, place, uid, name):
        self.place, self.uid = place, uid
        self.home = place.make_directory(name, uid)
        self.environment = {'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'HOME': self.home,
                            'LD_LIBRARY_PATH': programs.folder}
        for key, value in os.environ.items():
            if key.endswith('SAN_OPTIONS'):
                self.environment[key] = value

    def write(self, name, content):
        path = os.path.join(self.home, name)
        with open(path, 'wb') as file:
            file.write(content)
        return path

    def read(self, name):
        with open(os.path.join(self.home, name), 'rb') as file:
            return file.read()

    def run(self, *words, stdin=b'', socket=None):
        """`strongroom WORDS`; gives exit code, standard output as bytes, standard error as text."""
        # The daemon's uid is one that this user has no reason to trust.
        trust = ['--insecure-socket'] if IS_ROOT else []
        return self.execute(programs.client, '--socket', socket or self.place.socket, *trust,
                            *words, stdin=stdin)

    def execute(self, *command, stdin=b''):
        done = subprocess.run(command, preexec_fn=become(self.uid), cwd=self.home, input=stdin,
                              env=self.environment, capture_output=True, timeout=PATIENCE,
                              check=False)
        return done.returncode, done.stdout, done.stderr.decode()


class Case(unittest.TestCase):
    """A case with a place of its own; whatever it starts is ended."""

    maxDiff = None

    def setUp(self):
        self.place = Place()
        self.addCleanup(self.place.remove)

    def what_the_daemon_said(self):
        try:
            return self.place.read_log()
        except OSError:
            return ''

    def session(self, uid, name):
        return Session(self.place, uid, name)

    def run_ok(self, session, *words, **how):
        code, out, said = session.run(*words, **how)
        self.assertEqual((code, said), (0, ''), words)
        return out

    def ask(self, uid, request, socket=None, **header):
        """Sends an (opcode, body) as a user."""
        with acting_as(uid):
            return wire.ask(socket or self.place.socket, wire.frame(*request, **header))

    def status(self, uid, request, **how):
        return self.ask(uid, request, **how).status

    def succeed(self, uid, request, **how):
        """The body of the answer to a request that has to succeed."""
        response = self.ask(uid, request, **how)
        self.assertEqual(response.status, wire.SUCCESS, request)
        return response.body

    def ping(self, socket=None):
        self.assertEqual(self.succeed(ALICE, (1, b''), socket=socket), b'\x08\x01')


class SharedCase(Case):
    """Cases that use one daemon after each other, with names of their own."""

    @classmethod
    def setUpClass(cls):
        cls.place = Place()
        cls.addClassCleanup(cls.place.remove)
        cls.daemon = cls.start_daemon()
        cls.alice = Session(cls.place, ALICE, 'alice')
        cls.bob = Session(cls.place, BOB, 'bob')

    @classmethod
    def start_daemon(cls):
        return cls.place.start()

    def setUp(self):
        pass
