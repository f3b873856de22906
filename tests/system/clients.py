"""Clients that keep a daemon busy and look closely at every answer."""

import hashlib
import multiprocessing
import os
import struct
import time

import contract
import wire
from daemon import ALICE, PATIENCE, become

DEPTH = 4


class Unanswered(Exception):
    """A request was sent, and the answer did not come or was not right."""


def hashing(text):
    return wire.message((1, contract.SHA_256), (2, text))


def check(response, text):
    expected = wire.message((1, hashlib.sha256(text).digest()))
    if response.status != wire.SUCCESS or response.body != expected:
        raise Unanswered(f'status {response.status} with {len(response.body)} bytes')


class ConnectingClient:
    """A connection for each request."""

    def __init__(self, path):
        self.path = path

    def ask(self, text):
        try:
            connection = wire.Connection(self.path, timeout=PATIENCE)
        except (FileNotFoundError, PermissionError, ConnectionRefusedError):
            # The socket is not there, or has not got its mode yet: nothing was asked.
            time.sleep(0.002)
            return 0
        with connection:
            try:
                connection.send(wire.frame(contract.HASH_COMPUTE, hashing(text)))
                check(connection.response(), text)
            except (OSError, ValueError, struct.error) as error:
                raise Unanswered(repr(error)) from error
        return 1


class KeptClient:
    """One connection, with several requests in flight."""

    def __init__(self, path):
        self.path = path
        self.connection = None
        self.session = 0

    def ask(self, text):
        if self.connection is None:
            self.connection = wire.Connection(self.path, timeout=PATIENCE)
        texts = {}
        for _ in range(DEPTH):
            self.session += 1
            texts[self.session] = text + str(self.session).encode()
        try:
            for session, part in texts.items():
                self.connection.send(wire.frame(contract.HASH_COMPUTE, hashing(part),
                                                flags=wire.KEEP, session=session))
            while texts:
                response = self.connection.next_response()
                if response is None:
                    raise OSError('the stream ended')
                check(response, texts.pop(response.session))
        except (OSError, ValueError, KeyError, struct.error) as error:
            raise Unanswered(f'kept: {error!r}, {len(texts)} open') from error
        return DEPTH


class Clients:
    """Processes of one user that ask until the end of the `with`; what goes wrong is in failures."""

    def __init__(self, path, connecting=2, kept=2, uid=ALICE):
        self.counts = multiprocessing.RawArray('L', connecting + kept)
        self.stop = multiprocessing.RawValue('b', 0)
        self.failures = []
        self.pipe, self.told = multiprocessing.Pipe(duplex=False)
        kinds = [ConnectingClient] * connecting + [KeptClient] * kept
        self.processes = [
            multiprocessing.Process(target=self.run, args=(kind(path), number, uid), daemon=True)
            for number, kind in enumerate(kinds)]

    def __enter__(self):
        for process in self.processes:
            process.start()
        self.wait_for(1)
        return self

    def __exit__(self, *_):
        self.stop.value = 1
        for process in self.processes:
            process.join(PATIENCE)
            if process.is_alive():
                process.kill()
                self.failures.append('a client hangs')
        while self.pipe.poll():
            self.failures.append(self.pipe.recv())

    def run(self, client, number, uid):
        become(uid)()
        try:
            while not self.stop.value:
                self.counts[number] += client.ask(os.urandom(8))
        except Exception as error:  # pylint: disable=broad-except
            self.told.send(f'{type(client).__name__}: {error!r}')

    def answered(self):
        return sum(self.counts)

    def wait_for(self, more):
        """Until each of them has had that many answers more, or one has failed."""
        wanted = [count + more for count in self.counts]
        deadline = time.monotonic() + PATIENCE
        while any(count < then for count, then in zip(self.counts, wanted)):
            if time.monotonic() > deadline or self.pipe.poll():
                return
            time.sleep(0.002)
