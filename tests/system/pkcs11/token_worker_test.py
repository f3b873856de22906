"""What happens to the processes that run a token's module, with requests in flight: they cost those, and
no more."""

import glob
import json
import os
import signal
import time

import contract
import device
import runner
import softhsm
import wire
from daemon import ALICE, needs_root
from device import DOWN, LATE

WORKER = 'strongroom-toke'  # as the kernel cuts it


def children_of(pid):
    """Of a process, and theirs."""
    children = []
    for path in glob.glob(f'/proc/{pid}/task/*/children'):
        try:
            with open(path, encoding='ascii') as listed:
                children += [int(child) for child in listed.read().split()]
        except OSError:
            pass  # a thread that has just ended
    return children + [each for child in children for each in children_of(child)]


def name_of(pid):
    """Empty for one that has ended, reaped or not."""
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii') as stat:
            name, rest = stat.read().split('(')[1].rsplit(')')
            return '' if rest.split()[0] == 'Z' else name
    except OSError:
        return ''


class WorkerCase(softhsm.WithToken, device.RecoveryCase):
    def workers(self):
        return [pid for pid in children_of(self.daemon.pid) if name_of(pid) == WORKER]

    def spawners(self):
        """The first is in use."""
        return sorted(pid for pid in children_of(self.daemon.pid)
                      if name_of(pid) not in (WORKER, ''))

    def state_of_the_device(self, operator):
        _, out, _ = operator.run('status', '--json', socket=self.place.admin_socket)
        return json.loads(out)['providers'][1]

    def wait_for_a_worker(self):
        deadline = time.monotonic() + device.SOON
        while not self.workers():
            self.assertLess(time.monotonic(), deadline, self.place.read_log())
            time.sleep(0.02)


@softhsm.needs_softhsm
class Workers(WorkerCase):
    def test_that_are_killed_cost_what_they_were_serving(self):
        with self.traffic() as (there, beside):
            for _ in range(5):
                self.wait_for_a_worker()
                for pid in self.workers():
                    os.kill(pid, signal.SIGKILL)
                self.wait_until_it_signs()
                time.sleep(0.2)
        self.assert_unharmed(there, beside)
        for each in there:
            # What a worker was serving, and what came before somebody had looked.
            self.assertLess(len([status for status, _ in each.answers if status == LATE]), 25)

    def test_that_crash_leave_their_state_in_the_token(self):
        for pid in self.workers():
            os.kill(pid, signal.SIGSEGV)
        self.wait_until_it_signs()
        self.make_key('another')
        self.succeed_device(contract.sign_hash('another'))

    def test_that_find_no_pin_keep_the_token_out_of_use_until_it_is_mended(self):
        operator = self.session(os.geteuid(), 'operator')

        def hide():
            os.rename(self.token.pin, self.token.pin + '.away')

        def show():
            os.rename(self.token.pin + '.away', self.token.pin)

        for spoil, mend, reason in (
                (lambda: os.chmod(self.token.pin, 0o644), lambda: os.chmod(self.token.pin, 0o600),
                 'mode 0644 lets others in'),
                (hide, show, 'No such file')):
            self.wait_for_a_worker()
            spoil()
            for pid in self.workers():
                os.kill(pid, signal.SIGKILL)
            deadline = time.monotonic() + device.SOON
            while (status := self.ask_device(contract.sign_hash('web')).status) != DOWN:
                self.assertEqual(status, LATE)
                self.assertLess(time.monotonic(), deadline, self.place.read_log())
            while not (said := self.state_of_the_device(operator))['reason']:
                self.assertLess(time.monotonic(), deadline, self.place.read_log())
            self.assertNotEqual(said['state'], 'up')
            for told in (said['reason'], self.place.read_log()):
                self.assertIn(f"secret file '{self.token.pin}': {reason}", told)
            mend()
            self.wait_until_it_signs()

    def test_that_hang_are_replaced(self):
        with self.traffic() as (there, beside):
            stopped = self.workers()
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            begun = time.monotonic()
            self.wait_until_it_signs(within=25)
            self.assertLess(time.monotonic() - begun, 20)
            time.sleep(0.1)
        self.assert_unharmed(there, beside)
        self.assertFalse(set(stopped) & set(self.workers()))

    def test_that_hang_do_not_hold_up_a_stop(self):
        for pid in self.workers():
            os.kill(pid, signal.SIGSTOP)
        begun = time.monotonic()
        self.assertEqual(self.daemon.stop(), 0)
        self.assertLess(time.monotonic() - begun, 25)

    def test_that_hang_in_a_request_do_not_hold_up_a_stop(self):
        self.wait_for_a_worker()
        stopped = self.workers()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        connection = wire.Connection(self.place.socket, timeout=30)
        connection.send(wire.frame(*contract.generate('slow', contract.KEPT_KEY),
                                   provider=self.PROVIDER))
        time.sleep(1)
        begun = time.monotonic()
        self.assertEqual(self.daemon.stop(), 0)
        self.assertLess(time.monotonic() - begun, 20)
        connection.socket.close()
        self.assertFalse([pid for pid in stopped if name_of(pid)])

    def test_end_with_the_daemon(self):
        for end in ('stop', 'end'):
            self.wait_until_it_signs()
            pids = children_of(self.daemon.pid)
            self.assertTrue(pids)
            getattr(self.daemon, end)()
            deadline = time.monotonic() + device.SOON
            while any(name_of(pid) for pid in pids):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
            self.start()

    def test_are_started_by_another_when_the_one_that_starts_them_is_killed(self):
        with self.traffic() as (there, beside):
            os.kill(self.spawners()[0], signal.SIGKILL)
            self.wait_until_it_signs()
            time.sleep(0.1)
        self.assert_unharmed(there, beside)
        self.assertEqual(len(self.spawners()), 1)

    def test_serve_on_while_the_one_that_starts_them_is_stopped(self):
        with self.traffic() as (there, beside):
            stopped = self.spawners()[0]
            os.kill(stopped, signal.SIGSTOP)
            for pid in self.workers():
                os.kill(pid, signal.SIGKILL)
            time.sleep(6)  # longer than anybody waits for its answer
            os.kill(stopped, signal.SIGCONT)
            self.wait_until_it_signs()
            time.sleep(0.1)
        self.assert_unharmed(there, beside)

    def test_without_anyone_who_starts_them_the_service_ends_to_be_started_anew(self):
        for pid in self.spawners():
            os.kill(pid, signal.SIGKILL)
        self.wait_until_it_does_not_sign()
        self.succeed(ALICE, contract.sign_hash('web'))
        self.assertNotEqual(self.daemon.wait(), 0)
        self.assertIn('nobody can start token workers any more', self.place.read_log())
        self.start()
        self.wait_until_it_signs()

    def test_are_replaced_when_a_reload_names_what_they_may_not_see(self):
        self.wait_for_a_worker()
        before = set(self.workers())
        self.configure(f'pin = "file:{self.token.copy_pin()}"')
        self.daemon.signal(signal.SIGHUP)
        deadline = time.monotonic() + device.SOON
        while before & set(self.workers()):
            self.assertLess(time.monotonic(), deadline, self.place.read_log())
            time.sleep(0.02)
        self.wait_until_it_signs()

    @needs_root
    def test_run_as_the_service_and_see_nothing_of_it(self):
        self.wait_for_a_worker()
        for pid in self.workers():
            with open(f'/proc/{pid}/environ', 'rb') as environment:
                self.assertNotIn(softhsm.PIN.encode(), environment.read())
            with open(f'/proc/{pid}/cmdline', 'rb') as command:
                self.assertEqual(command.read().count(b'\0'), 1)
            opened = {os.readlink(path) for path in glob.glob(f'/proc/{pid}/fd/*')}
            self.assertFalse([path for path in opened if path.startswith(self.place.state)])


@softhsm.needs_softhsm
class AWrongPin(WorkerCase):
    def test_is_tried_by_one_worker_alone_however_many_start(self):
        self.daemon.stop()
        self.token.write_pin('141421')
        self.start('workers = 4')
        for _ in range(20):
            self.assertIn(self.ask_device(contract.sign_hash('web')).status, (DOWN, LATE))
        time.sleep(3)
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)
        time.sleep(2)
        # The token would tell of another attempt, if the first had not been the last.
        self.assertEqual(self.place.read_log().count('the token refuses the PIN'), 1)
        self.token.write_pin(softhsm.PIN)
        self.wait_until_it_signs()


if __name__ == '__main__':
    runner.main()
