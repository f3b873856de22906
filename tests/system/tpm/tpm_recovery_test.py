"""What comes back by itself whatever happens to the TPM, with requests in flight; and that keys in
software notice nothing of it."""

import os
import signal
import time

import contract
import device
import device_cases
import runner
import swtpm
import wire
from daemon import ALICE, acting_as
from device import DOWN, LATE
from swtpm import TPM


@swtpm.needs_swtpm
class Recovery(device_cases.RecoveryOfADevice, swtpm.WithTpm, device.RecoveryCase):
    def test_after_a_reset_nobody_is_told(self):
        with self.traffic() as (there, beside):
            for _ in range(3):
                self.tpm.reset()
                self.wait_until_it_signs()
                time.sleep(0.2)
        self.assert_unharmed(there, beside)

    def test_after_a_kill_and_a_start(self):
        with self.traffic() as (there, beside):
            self.tpm.kill()
            time.sleep(1)
            begun = time.monotonic()
            self.assertEqual(self.ask_tpm(contract.sign_hash('web')).status, DOWN)
            self.assertLess(time.monotonic() - begun, 2)
            self.tpm.start()
            self.wait_until_it_signs()
            time.sleep(0.2)
        self.assert_unharmed(there, beside)
        self.assertIn("provider 'tpm' is down", self.place.read_log())

    def test_after_it_was_frozen_for_a_moment_everything_is_answered(self):
        with self.traffic() as (there, beside):
            self.tpm.freeze()
            time.sleep(2)
            self.tpm.thaw()
            self.wait_until_it_signs()
            time.sleep(0.1)
        self.assert_unharmed(there, beside)
        for each in there:
            self.assertEqual(each.statuses(), {wire.SUCCESS})

    def test_after_it_was_frozen_for_long(self):
        with self.traffic() as (there, beside):
            self.tpm.freeze()
            time.sleep(9)
            begun = time.monotonic()
            self.assertEqual(self.ask_tpm(contract.sign_hash('web')).status, DOWN)
            self.assertLess(time.monotonic() - begun, 2)
            self.tpm.thaw()
            self.wait_until_it_signs()
            time.sleep(0.1)
        self.assert_unharmed(there, beside)
        for each in there:
            self.assertIn(LATE, each.statuses())

    def stop_while_it_hangs(self, before_the_stop=lambda: None):
        self.daemon.stop()
        self.start(service='drain_timeout = "1s"')
        with acting_as(ALICE):
            connections = [wire.Connection(self.place.socket) for _ in range(8)]
            waiting = [wire.frame(*contract.generate(f'new {i}', contract.RSA_KEY), provider=TPM)
                       for i in range(8)]
        self.tpm.freeze()
        for connection, request in zip(connections, waiting):
            connection.send(request)
        time.sleep(0.2)
        before_the_stop()
        begun = time.monotonic()
        self.assertEqual(self.daemon.stop(), 0)
        self.assertLess(time.monotonic() - begun, 6)
        for connection in connections:
            connection.socket.close()

    def test_a_stop_does_not_wait_for_a_tpm_that_hangs(self):
        self.stop_while_it_hangs()

    def test_nor_for_one_that_a_reload_has_given_up(self):
        def give_up():
            path, admin = self.place.socket, self.place.admin_socket
            self.place.configuration(
                service='drain_timeout = "1s"',
                sockets=f'[[socket]]\npath = "{path}"\nmode = "0666"\n'
                        f'[[socket]]\npath = "{admin}"\nmode = "0660"\nadmin = true\n',
                rest=f'[admin]\nuids = [{os.geteuid()}]\ngroups = []\n')
            self.daemon.signal(signal.SIGHUP)
            self.wait_until_the_log_has('reloaded generation=2')
        self.stop_while_it_hangs(give_up)


@swtpm.needs_swtpm
class Absence(device_cases.AbsenceOfADevice, swtpm.Case):
    def test_of_a_tpm_that_hangs_delays_a_start_by_seconds(self):
        self.tpm.start()
        self.tpm.freeze()
        begun = time.monotonic()
        self.start(is_looked_at=False)
        self.assertLess(time.monotonic() - begun, 8)
        self.succeed(ALICE, contract.generate('web'))
        self.tpm.thaw()
        self.wait_until_it_makes_keys()


if __name__ == '__main__':
    runner.main()
