"""The processes of a measurement: a daemon to throw away, its floors, its clients. As root the
daemon and each client have uids of their own (tests/system/daemon.py); whatever happens, what was
started here is ended and the directory removed."""

import atexit
import contextlib
import ctypes
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent / 'system'))

import daemon  # noqa: E402
import wire  # noqa: E402

IS_ROOT = daemon.IS_ROOT
NOISY, QUIET = 64001, 64003
NOISY_CROWD = range(64010, 64030)
NOT_KEPT = 3  # an exit code of load
PATIENCE = 120  # seconds, on top of what a run is told to take

_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """A measurement cannot go on; the text says why."""


class Scene:
    """One place with everything in it. Use as a context."""

    PROGRAMS = ('crypto_floor', 'echo_server', 'flood', 'load')

    def __init__(self, daemon_program, programs_folder):
        raise_descriptor_limit()
        self.children = []
        self.folder = tempfile.mkdtemp(prefix='strongroom-bench-')
        atexit.register(self.close)  # should the context be left in no regular way
        os.chmod(self.folder, 0o755)
        for name in self.PROGRAMS:
            shutil.copy(os.path.join(programs_folder, name), self.folder)
        self.daemon_program = shutil.copy(daemon_program, self.folder)
        self.place = self.daemon = self.echo = None
        echo_folder = os.path.join(self.folder, 'echo')
        os.mkdir(echo_folder)
        os.chmod(echo_folder, 0o755)
        os.chown(echo_folder, daemon.DAEMON_UID, -1)
        self.echo_socket = os.path.join(echo_folder, 'echo.sock')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.end_children(list(self.children))
        self.forget_place()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_place(self):
        """A directory for a daemon that starts from nothing."""
        self.forget_place()
        self.place = daemon.Place()

    def forget_place(self):
        if self.place:
            self.place.remove()
        self.place = None

    def start_daemon(self):
        """Over the keys of the place; gives its pid and how long it took to answer, in seconds."""
        began = time.monotonic()
        with open(self.place.log, 'ab') as log:
            self.daemon = self.run([self.daemon_program, *self.daemon_words()],
                                   uid=daemon.DAEMON_UID, stderr=log)
        while True:
            try:
                wire.ask(self.place.socket, wire.frame(1))
                return self.daemon.pid, time.monotonic() - began
            except (OSError, ValueError):
                if self.daemon.poll() is not None or time.monotonic() - began > PATIENCE:
                    raise Failure(f'the daemon does not answer: {self.place.read_log()}') from None
                time.sleep(0.0005)

    def daemon_words(self):
        return ['--standalone', self.place.state]

    def stop_daemon(self):
        self.daemon.terminate()
        self.daemon.wait(PATIENCE)
        self.end_children([self.daemon])

    def start_echo(self):
        self.echo = self.spawn('echo_server', '--socket', self.echo_socket, uid=daemon.DAEMON_UID)
        deadline = time.monotonic() + PATIENCE
        while not os.path.exists(self.echo_socket):
            if self.echo.poll() is not None or time.monotonic() > deadline:
                raise Failure('the echo server does not listen')
            time.sleep(0.01)
        return self.echo.pid

    def spawn(self, name, *words, uid=NOISY, nice=0):
        """A program of the bench, as that user when there is a choice."""
        return self.run([os.path.join(self.folder, name), *map(str, words)], uid=uid, nice=nice)

    def run(self, command, *, uid, nice=0, stderr=subprocess.PIPE):
        become = daemon.become(uid)

        def prepare():
            os.nice(nice)
            become()
            # Cleared by a change of user, hence last.
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

        child = subprocess.Popen(command, preexec_fn=prepare, cwd='/', text=True,
                                 stdout=subprocess.PIPE, stderr=stderr)
        self.children.append(child)
        return child

    def start_hogs(self, number):
        """Processes that take all the time that nobody wants."""
        return [self.run(['/bin/sh', '-c', 'while :; do :; done'], uid=NOISY, nice=19)
                for _ in range(number)]

    def start_load(self, target, *, uid=NOISY, nice=0, **options):
        """`target` is 'service' or 'floor'; the options are those of load.cc."""
        socket = self.place.socket if target == 'service' else self.echo_socket
        words = ['--socket', socket, '--target', target]
        for name, value in options.items():
            words += ['--' + name.replace('_', '-'), value]
        return self.spawn('load', *words, uid=uid, nice=nice)

    def load(self, target, *, uid=NOISY, meanwhile=None, **options):
        """Runs a load to its end; gives what it saw. `meanwhile` is called now and then."""
        return self.outcome(self.start_load(target, uid=uid, **options), meanwhile)

    def outcome(self, load, meanwhile=None):
        deadline = time.monotonic() + PATIENCE
        while meanwhile and load.poll() is None and time.monotonic() < deadline:
            meanwhile()
            # Seldom: reading how much memory a process has holds it up.
            with contextlib.suppress(subprocess.TimeoutExpired):
                load.wait(0.25)
        out, said = load.communicate(timeout=PATIENCE)
        self.children.remove(load)
        if load.returncode not in (0, NOT_KEPT):
            raise Failure(f'load ended with {load.returncode}: {said.strip()}')
        return json.loads(out)

    def prepare_keys(self, uid=NOISY):
        self.run_tool('load', '--socket', self.place.socket, '--mode', 'prepare', uid=uid)

    def run_tool(self, name, *words, uid=NOISY):
        child = self.spawn(name, *words, uid=uid)
        out, said = child.communicate(timeout=PATIENCE)
        self.children.remove(child)
        if child.returncode != 0:
            raise Failure(f'{name} ended with {child.returncode}: {said.strip()}')
        return out

    def end_children(self, children):
        for child in children:
            end(child)
            self.children.remove(child)


def end(child):
    if child.poll() is None:
        child.kill()
    child.wait()
    for stream in filter(None, (child.stdout, child.stderr)):
        stream.close()


def raise_descriptor_limit(wanted=16384):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
