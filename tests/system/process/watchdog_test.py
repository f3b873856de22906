"""What the daemon tells the service manager while it runs: that it lives, and how it is."""

import contextlib
import os
import shutil
import signal
import sqlite3
import time

import contract
import runner
import wire
from daemon import ALICE, DAEMON_UID, PATIENCE, Case, acting_as, programs
from service_manager import Notifications

PATIENT_FOR = 2.0  # seconds, as WatchdogSec= would be; a life sign is due twice in it
RSA_4096 = contract.attributes(contract.RSA, 4096, (7, contract.OAEP), contract.ENCRYPTING)


def is_alive(told):
    return told.get('WATCHDOG') == '1'


class WatchdogCase(Case):
    def setUp(self):
        super().setUp()
        self.notifications = Notifications(self)

    def start(self, *wrapper):
        self.daemon = self.place.spawn(
            [*wrapper, programs.daemon, '--standalone', self.place.state],
            environment=self.notifications.environment(WATCHDOG_USEC=str(int(PATIENT_FOR * 1e6))))
        ready = self.notifications.receive()
        self.assertEqual(ready['READY'], '1')
        return ready


class LifeSigns(WatchdogCase):
    def test_come_twice_in_the_time_that_the_manager_waits(self):
        self.start()
        told = self.notifications.of_the_next(4 * PATIENT_FOR)
        self.assertTrue(all(map(is_alive, told)), told)
        self.assertIn(len(told), range(5, 10))

    def test_tell_how_the_service_is(self):
        ready = self.start()
        self.assertEqual(ready['STATUS'],
                         'serving 2 sockets, 0 keys; configuration generation 1')
        self.succeed(ALICE, contract.generate('one'))
        told = self.notifications.wait_for(lambda told: ' 0 keys' not in told['STATUS'])
        self.assertEqual(told['STATUS'], 'serving 2 sockets, 1 keys; configuration generation 1')

    def test_tell_what_is_wrong_with_the_store(self):
        self.start()
        self.succeed(ALICE, contract.generate('taken'))
        self.assertEqual(self.daemon.stop(), 0)
        self.notifications.wait_for(lambda told: 'STOPPING' in told)
        with acting_as(DAEMON_UID), contextlib.closing(
                sqlite3.connect(os.path.join(self.place.state, 'keys.db'))) as database:
            database.execute('DELETE FROM key')
            database.commit()
        self.start()
        told = self.notifications.wait_for(lambda told: 'degraded' in told.get('STATUS', ''))
        self.assertTrue(is_alive(told))
        self.assertRegex(told['STATUS'], r'; store degraded: \w')

    def test_tell_of_a_reload_that_was_refused_until_one_is_not(self):
        path = self.place.configuration()
        self.daemon = self.place.spawn([programs.daemon, '--config', path],
                                       environment=self.notifications.environment(
                                           WATCHDOG_USEC=str(int(PATIENT_FOR * 1e6))))
        self.assertEqual(self.notifications.receive()['READY'], '1')
        self.place.configuration(service='wokers = 3')
        self.daemon.signal(signal.SIGHUP)
        told = self.notifications.wait_for(is_alive)
        while 'reload refused' not in told['STATUS']:
            told = self.notifications.wait_for(is_alive)
        self.assertIn("did you mean 'workers'?", told['STATUS'])
        self.place.configuration(service='workers = 3')
        self.daemon.signal(signal.SIGHUP)
        told = self.notifications.wait_for(
            lambda told: is_alive(told) and 'refused' not in told['STATUS'])
        self.assertIn('configuration generation 2', told['STATUS'])

    def test_go_on_while_every_worker_is_busy(self):
        self.start()
        workers = 2 * (os.cpu_count() or 1)
        with acting_as(ALICE):
            busy = [wire.Connection(self.place.socket, timeout=PATIENCE) for _ in range(workers)]
            for number, connection in enumerate(busy):
                connection.send(wire.frame(*contract.generate(f'slow-{number}', RSA_4096)))
        told = self.notifications.of_the_next(2 * PATIENT_FOR)
        self.assertGreaterEqual(sum(map(is_alive, told)), 3)
        for connection in busy:
            connection.socket.close()

    def test_go_on_through_reloads(self):
        self.start()
        for _ in range(5):
            self.daemon.signal(signal.SIGHUP)
            time.sleep(0.3)
        told = self.notifications.of_the_next(PATIENT_FOR)
        self.assertGreaterEqual(sum(map(is_alive, told)), 2)

    def test_are_not_sent_where_nobody_waits_for_them(self):
        self.daemon = self.place.spawn([programs.daemon, '--standalone', self.place.state],
                                       environment=self.notifications.environment())
        self.assertEqual(self.notifications.receive()['READY'], '1')
        self.assertEqual(self.notifications.of_the_next(2 * PATIENT_FOR), [])


class StuckThreads(WatchdogCase):
    """strace holds one thread in a system call, as a broken kernel or disk would."""

    def stick(self, call, seconds, **how):
        if not shutil.which('strace'):
            self.skipTest('needs strace')
        # -D: the daemon is our child, strace its grandchild.
        return self.start('strace', '-D', '-f', '-qq', '-o', '/dev/null', '-e', f'trace={call}',
                          '-e', f'inject={call}:delay_enter={seconds}s:when=1', **how)

    def check(self, name):
        """None comes while the thread hangs, and the log and the status name it; then they do."""
        silent = self.notifications.wait_for(lambda told: not is_alive(told))
        self.assertRegex(silent['STATUS'], rf'^threads do not answer: {name}; serving 2 sockets')
        self.assertEqual([told for told in self.notifications.of_the_next(PATIENT_FOR)
                          if is_alive(told)], [])
        told = self.notifications.wait_for(is_alive)
        self.assertNotIn('do not answer', told['STATUS'])
        self.assertRegex(self.place.read_log(), f'error component=main threads do not answer: {name}')
        self.assertIn('all threads answer again', self.place.read_log())

    def test_a_loop_stops_the_life_signs(self):
        self.stick('accept4', 6)
        with acting_as(ALICE), wire.Connection(self.place.socket, timeout=PATIENCE):
            self.check(r'loop-\d(, loop-\d)*')  # one connection may wake several

    def test_the_loop_of_administrators_stops_them_too(self):
        self.stick('accept4', 6)
        with wire.Connection(self.place.admin_socket, timeout=PATIENCE):
            self.check('loop-admin')

    def test_a_disk_that_hangs_is_told_of_and_stops_none(self):
        self.start()
        self.assertEqual(self.daemon.stop(), 0)
        self.notifications.wait_for(lambda told: 'STOPPING' in told)
        self.stick('fdatasync', 10)
        with acting_as(ALICE), wire.Connection(self.place.socket, timeout=PATIENCE) as connection:
            connection.send(wire.frame(*contract.generate('late')))
            told = self.notifications.wait_for(
                lambda told: 'store degraded' in told.get('STATUS', ''))
            self.assertTrue(is_alive(told))
        self.assertNotIn('threads do not answer', self.place.read_log())


if __name__ == '__main__':
    runner.main()
