"""Whatever arrives, and however much at once: the service stays up, small and right."""

import collections
import os
import random
import signal
import subprocess
import threading
import time
import unittest

import contract
import runner
import wire
from daemon import ALICE, PATIENCE, Case, SharedCase, acting_as, programs

FRAMES = 4000
GROWTH_BOUND = 3 * 1024  # KiB; one leaked kibibyte a frame would exceed it
THREADS = 64


def mutated(request, chance):
    """A valid frame with some of it changed, cut out or put in twice."""
    frame = bytearray(request)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(frame) or 1)
        kind = chance.randrange(5)
        if kind == 0 and frame:
            frame[place] ^= 1 << chance.randrange(8)
        elif kind == 1 and frame:
            frame[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif kind == 2:
            del frame[place:place + chance.randint(1, 16)]
        elif kind == 3:
            frame[place:place] = frame[place:place + chance.randint(1, 64)]
        else:
            frame[place:place + 4] = chance.randbytes(4)
    return bytes(frame)


class MalformedRequests(SharedCase):
    def send(self, frames):
        outcomes = collections.Counter()
        with acting_as(ALICE):
            for frame in frames:
                with wire.Connection(self.place.socket) as connection:
                    connection.send(frame)
                    connection.end_sending()
                    # Several where the frame happens to ask for the connection to be kept.
                    while response := connection.next_response():
                        outcomes[response.status] += 1
        return outcomes

    def size(self):
        """Of the daemon, in KiB: resident, and data."""
        return [int(self.daemon.status(key).split()[0]) for key in ('VmRSS', 'VmData')]

    def growth_bound(self):
        # The sanitizers' allocators keep what is freed for a while.
        return GROWTH_BOUND * (32 if self.place.is_instrumented() else 1)

    def test_thousands_of_them_neither_stop_nor_bloat_the_service(self):
        chance = random.Random(20)
        self.succeed(ALICE, contract.generate('target'))
        with acting_as(ALICE):
            valid = [wire.frame(*request) for request in contract.every_operation('target')]
        # What a client's end costs at first, such as a thread's own memory, is not growth.
        self.send(mutated(chance.choice(valid), chance) for _ in range(FRAMES // 4))
        before = self.size()
        outcomes = self.send(mutated(chance.choice(valid), chance) for _ in range(FRAMES))
        after = self.size()
        for what, was, became in zip(('resident', 'data'), before, after):
            self.assertLess(became - was, self.growth_bound(), f'{what}: {outcomes}')
        self.assertGreater(len(outcomes), 8, outcomes)
        self.ping()

    def test_random_bytes_are_answered(self):
        chance = random.Random(21)
        outcomes = self.send(chance.randbytes(chance.randint(1, 200)) for _ in range(300))
        self.assertLessEqual(outcomes.keys(), {wire.CONNECTION_ERROR, wire.INVALID_HEADER})

    def test_a_body_announced_and_never_sent_costs_nothing(self):
        header = wire.frame(contract.PING)[:-4]
        announced = header[:22] + (1024 * 1024).to_bytes(4, 'little') + header[26:]
        before = self.size()[0]
        connections = []
        for _ in range(200):
            connections.append(wire.Connection(self.place.socket))
            self.addCleanup(connections[-1].socket.close)
            connections[-1].send(announced + b'x')
        self.ping()
        # 200 bodies would be 200 MiB.
        self.assertLess(self.size()[0] - before, 8 * self.growth_bound())


class Races(SharedCase):
    def in_parallel(self, action):
        """Runs `action(number)` in many threads at once; gives what they gave."""
        barrier = threading.Barrier(THREADS)
        results = [None] * THREADS

        def run(number):
            barrier.wait(PATIENCE)
            results[number] = action(number)

        threads = [threading.Thread(target=run, args=(n,)) for n in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        return results

    def test_of_many_that_create_one_name_exactly_one_wins(self):
        for turn in range(3):
            with acting_as(ALICE):
                request = wire.frame(*contract.generate(f'contested {turn}'))
                statuses = self.in_parallel(
                    lambda _, request=request: wire.ask(self.place.socket, request).status)
            self.assertEqual(collections.Counter(statuses),
                             {wire.SUCCESS: 1, wire.ALREADY_EXISTS: THREADS - 1})
            self.succeed(ALICE, contract.sign_hash(f'contested {turn}'))

    def test_of_many_that_destroy_one_key_exactly_one_wins(self):
        self.succeed(ALICE, contract.generate('felled'))
        with acting_as(ALICE):
            request = wire.frame(*contract.named(contract.DESTROY, 'felled'))
            statuses = self.in_parallel(lambda _: wire.ask(self.place.socket, request).status)
        self.assertEqual(collections.Counter(statuses),
                         {wire.SUCCESS: 1, wire.DOES_NOT_EXIST: THREADS - 1})

    def test_many_names_at_once_are_all_kept(self):
        with acting_as(ALICE):
            statuses = self.in_parallel(lambda n: wire.ask(
                self.place.socket, wire.frame(*contract.generate(f'crowd {n}'))).status)
        self.assertEqual(set(statuses), {wire.SUCCESS})
        for number in range(THREADS):
            self.succeed(ALICE, contract.sign_hash(f'crowd {number}'))


class Stopped(Case):
    """The daemon does not run for longer than its clients have (SIGSTOP): a debugger, a frozen
    container, a suspended machine. Nobody who did their part is turned away for it."""

    REQUEST_TIMEOUT = 1
    ABSENCE = 3

    def setUp(self):
        super().setUp()
        self.daemon = self.place.start('--config', self.place.configuration(
            rest=f'[limits]\nrequest_timeout = "{self.REQUEST_TIMEOUT}s"\n'
                 f'idle_timeout = "{self.REQUEST_TIMEOUT}s"\nqueue_timeout = "1min"\n'))

    def connect(self):
        with acting_as(ALICE):
            connection = wire.Connection(self.place.socket)
        self.addCleanup(connection.socket.close)
        return connection

    def frame(self, *request):
        with acting_as(ALICE):
            return wire.frame(*request)

    def stop(self, absence=ABSENCE):
        self.daemon.signal(signal.SIGSTOP)
        while not self.daemon.status('State').startswith('T'):
            time.sleep(0.01)
        return time.monotonic() + absence

    def go_on_at(self, when):
        time.sleep(max(0, when - time.monotonic()))
        self.daemon.signal(signal.SIGCONT)

    def test_what_arrived_meanwhile_is_served(self):
        ping = self.frame(contract.PING)
        halves = [self.connect() for _ in range(100)]
        for connection in halves:
            connection.send(ping[:20])
        self.ping()  # by now the daemon has read them
        end = self.stop()
        for connection in halves:
            connection.send(ping[20:])
        whole = [self.connect() for _ in range(100)]
        for connection in whole:
            connection.send(ping)
        self.go_on_at(end)
        for connection in halves + whole:
            self.assertEqual(connection.response().status, wire.SUCCESS)

    def test_a_body_that_did_not_fit_is_served(self):
        request = self.frame(contract.HASH_COMPUTE,
                             wire.message((1, contract.SHA_256), (2, bytes(260_000))))
        connection = self.connect()
        connection.send(request[:1000])
        self.ping()
        end = self.stop(6)  # a second more for each 64 KiB
        rest = threading.Thread(target=connection.send, args=(request[1000:],))
        rest.start()
        self.go_on_at(end)
        rest.join(PATIENCE)
        self.assertEqual(connection.response().status, wire.SUCCESS)

    def test_work_in_flight_is_finished(self):
        key = contract.attributes(contract.RSA, 3072, (7, contract.OAEP), contract.DECRYPTING)
        connections = [self.connect() for _ in range(4)]
        for number, connection in enumerate(connections):
            connection.send(self.frame(*contract.generate(f'slow {number}', key)))
        self.go_on_at(self.stop())
        for number, connection in enumerate(connections):
            self.assertEqual(connection.response().status, wire.SUCCESS)
            again = self.status(ALICE, contract.generate(f'slow {number}'))
            self.assertEqual(again, wire.ALREADY_EXISTS)

    def test_a_kept_connection_outlives_it(self):
        with acting_as(ALICE):
            ping, kept = wire.frame(contract.PING), wire.frame(contract.PING, flags=1)
        connections = [self.connect() for _ in range(10)]
        for connection in connections:
            connection.send(kept)
            self.assertTrue(connection.socket.recv(1000))
        end = self.stop()
        for connection in connections:
            connection.send(kept)
        self.go_on_at(end)
        for connection in connections:
            self.assertTrue(connection.socket.recv(1000))
            connection.send(ping)
            self.assertEqual(connection.response().status, wire.SUCCESS)

    def test_who_sends_nothing_is_still_turned_away(self):
        connection = self.connect()
        connection.send(self.frame(contract.PING)[:20])
        self.ping()
        self.go_on_at(self.stop())
        self.assertEqual(connection.response().status, wire.CONNECTION_ERROR)


def clock_library():
    """libfaketime's, which shows one process another time."""
    machine = subprocess.run(['uname', '-m'], capture_output=True, text=True, check=True).stdout
    return f'/usr/lib/{machine.strip()}-linux-gnu/faketime/libfaketimeMT.so.1'


@unittest.skipUnless(os.path.exists(clock_library()), 'needs libfaketime')
class ClockJumps(Case):
    """The wall clock says when a key was made, and decides nothing."""

    REQUEST_TIMEOUT = 3

    def setUp(self):
        linked = subprocess.run(['ldd', programs.daemon], capture_output=True, check=False).stdout
        if b'libasan' in linked or b'libtsan' in linked:
            self.skipTest('needs a build without sanitizers')
        super().setUp()
        self.clock = self.place.write('clock', '+0')
        self.place.start(
            '--config',
            self.place.configuration(
                rest=f'[limits]\nrequest_timeout = "{self.REQUEST_TIMEOUT}s"\n'),
            environment={'LD_PRELOAD': clock_library(), 'FAKETIME_TIMESTAMP_FILE': self.clock,
                         'FAKETIME_NO_CACHE': '1', 'FAKETIME_DONT_FAKE_MONOTONIC': '1',
                         'DONT_FAKE_MONOTONIC': '1'})

    def jump(self, offset):
        self.place.write('clock', offset)

    def assert_clock_shows(self, year):
        self.status(ALICE, contract.sign_hash(f'no key in {year}'))
        lines = [line for line in self.place.read_log().split('\n') if 'sign-hash' in line]
        self.assertTrue(lines[-1].startswith(year), lines[-1])

    def half_a_request(self):
        with acting_as(ALICE):
            ping = wire.frame(contract.PING)
            connection = wire.Connection(self.place.socket)
        self.addCleanup(connection.socket.close)
        connection.send(ping[:20])
        self.ping()
        return connection, ping[20:]

    def test_neither_way_harms_keys_nor_deadlines(self):
        now = time.gmtime().tm_year
        for offset, year in (('+5y', now + 5), ('-20y', now - 20), ('+0', now)):
            in_time, rest = self.half_a_request()
            late, _ = self.half_a_request()
            self.jump(offset)
            began = time.monotonic()
            self.succeed(ALICE, contract.generate(f'of {year}'))
            self.assert_clock_shows(str(year))
            in_time.send(rest)
            self.assertEqual(in_time.response().status, wire.SUCCESS)
            self.assertEqual(late.response().status, wire.CONNECTION_ERROR)
            self.assertLess(time.monotonic() - began, 10 * self.REQUEST_TIMEOUT)
        for year in (now + 5, now - 20, now):
            self.succeed(ALICE, contract.sign_hash(f'of {year}'))


if __name__ == '__main__':
    runner.main()
