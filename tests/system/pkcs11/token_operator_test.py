"""What an operator sees of a token, and decides about it."""

import os
import time

import contract
import device
import device_cases
import runner
import softhsm
from daemon import ALICE
from device import DOWN


@softhsm.needs_softhsm
class OperatorCase(softhsm.WithToken, device.OperatorCase):
    pass


class Status(device_cases.StatusOfADevice, OperatorCase):
    def test_says_of_a_module_that_does_not_load_why(self):
        self.start('module = "/usr/lib/no-such-module.so"')
        reason = self.wait_until('down')['reason']
        self.assertIn('/usr/lib/no-such-module.so', reason)
        self.succeed(ALICE, contract.generate('beside'))

    def test_of_a_token_that_was_never_there_is_logged_once(self):
        self.device.take_away()
        self.start()
        time.sleep(5)  # some looks find the same
        self.assertEqual(self.told('gets no token worker'), 1)
        self.device.put_back()
        self.wait_until('up')


class Unconfigured(OperatorCase):
    def test_is_told_of_while_the_store_has_keys_of_it(self):
        self.start()
        self.make_key('web')
        self.daemon.stop()
        self.configure(providers='')
        self.place.start('--config', self.configuration)
        code, seen = self.shown()
        self.assertEqual((code, seen['state']), (11, 'down'))
        self.assertIn('not configured: ', seen['reason'])
        self.assertIn("provider 'pkcs11' is not configured: ", self.place.read_log())
        self.succeed(ALICE, contract.generate('beside'))
        self.configure()
        self.assertEqual(self.run_as_operator('admin', 'reload')[0], 1)  # workers need a start


class AnotherToken(device_cases.AnotherDevice, OperatorCase):
    def test_in_another_slot_beside_it_changes_nothing(self):
        self.daemon.stop()
        self.token.add_token('another')
        self.start()
        self.assertTrue(self.signs())

    def test_is_told_of_with_the_command_that_accepts_it(self):
        self.device.replace()
        self.assertFalse(self.signs())
        self.assertIn("'strongroom provider accept-root pkcs11'",
                      self.wait_until('down')['reason'])


class Pin(OperatorCase):
    REFUSED = 'strongroom provider unlock pkcs11'

    def setUp(self):
        super().setUp()
        self.token.write_pin('141421')

    def wait_for_reason(self, words):
        deadline = time.monotonic() + device.SOON
        while words not in (self.shown()[1]['reason'] or ''):
            self.assertLess(time.monotonic(), deadline, self.shown())
            time.sleep(0.1)

    def wait_until_it_serves(self):
        self.wait_until('up')
        self.make_key('web')
        self.assertTrue(self.signs())

    def test_that_is_wrong_is_tried_once_until_another_stands_there(self):
        self.start()
        code, seen = self.shown()
        self.assertEqual((code, seen['state']), (11, 'down'))
        self.assertIn(self.REFUSED, seen['reason'])
        for _ in range(10):
            self.assertEqual(self.ask_device(contract.generate('web', contract.KEPT_KEY)).status,
                             DOWN)
        time.sleep(3)
        self.assertEqual(self.told('refuses the PIN'), 1)
        self.assertNotIn('141421', self.place.read_log())
        self.token.write_pin(softhsm.PIN)
        self.wait_until_it_serves()

    def test_that_was_refused_is_not_tried_after_a_restart_either(self):
        self.start()
        self.assertIn(self.REFUSED, self.shown()[1]['reason'])
        self.daemon.end()
        # It would be right now, and nobody finds out.
        self.token.change_pin('141421')
        self.start()
        self.assertIn(self.REFUSED, self.shown()[1]['reason'])
        time.sleep(1)
        self.assertIn(self.REFUSED, self.shown()[1]['reason'])
        self.assertEqual(self.told('refuses the PIN'), 1)
        code, _, said = self.unlock()
        self.assertEqual(code, 0, said)
        self.wait_until_it_serves()

    def test_that_was_mended_while_the_daemon_was_away_is_tried(self):
        self.start()
        self.assertIn(self.REFUSED, self.shown()[1]['reason'])
        self.daemon.stop()
        self.token.write_pin(softhsm.PIN)
        self.start()
        self.wait_until_it_serves()

    def test_that_is_refused_again_after_it_was_unlocked(self):
        self.start()
        code, _, said = self.unlock()
        self.assertEqual(code, 10)
        self.assertIn('refused', said)
        self.daemon.stop()
        self.start()
        self.assertIn(self.REFUSED, self.shown()[1]['reason'])
        self.assertEqual(self.told('refuses the PIN'), 2)

    def test_that_others_may_read_is_not_used(self):
        self.token.write_pin(softhsm.PIN, 0o644)
        path = self.configure()
        for check in (lambda: self.place.run_daemon('--config', path, '--check-config'),
                      lambda: self.run_as_operator('config', 'check', path)):
            code, _, said = check()
            self.assertIn(code, (9, 78))
            self.assertIn("'pin' of provider 'pkcs11': secret file", said)
            self.assertIn('mode 0644 lets others in, want 0600', said)
        self.start()
        self.assertIn('mode 0644 lets others in', self.wait_until('down')['reason'])
        os.chmod(self.token.pin, 0o600)
        self.wait_until_it_serves()

    def test_that_others_may_read_is_told_of_after_a_refusal_too(self):
        self.start()
        self.assertIn(self.REFUSED, self.shown()[1]['reason'])
        self.token.write_pin(softhsm.PIN, 0o644)
        self.wait_for_reason('mode 0644 lets others in')
        os.chmod(self.token.pin, 0o600)
        self.wait_until_it_serves()

    def test_that_is_empty_is_told_of_after_a_refusal_too(self):
        self.start()
        self.token.write_pin('')
        self.wait_for_reason('the PIN is empty')
        self.token.write_pin(softhsm.PIN)
        self.wait_until_it_serves()

    def test_in_the_configuration_is_taken_only_where_that_is_not_strict(self):
        path = self.configure(f'pin = "value:{softhsm.PIN}"')
        code, _, said = self.place.run_daemon('--config', path, '--check-config')
        self.assertEqual(code, 78)
        self.assertIn("'strict = false' in [service] would allow it", said)
        self.start(f'pin = "value:{softhsm.PIN}"', service='strict = false')
        self.wait_until_it_serves()

    def test_that_a_reload_names_is_used_from_then_on(self):
        self.start()
        self.assertIn(self.REFUSED, self.shown()[1]['reason'])
        path = self.write_secret('another', softhsm.PIN)
        self.configure(f'pin = "file:{path}"')
        code, _, said = self.run_as_operator('admin', 'reload')
        self.assertEqual(code, 0, said)
        self.wait_until_it_serves()


class Reload(OperatorCase):
    def reload(self, rest):
        self.configure(rest)
        return self.run_as_operator('admin', 'reload')

    def test_of_another_module_or_more_sessions_needs_a_restart(self):
        self.start()
        code, _, said = self.reload('sessions = 2')
        self.assertEqual(code, 1)
        self.assertIn("needs restart: [[provider]] 'pkcs11' sessions", said)

    def test_adds_and_removes_a_token(self):
        self.start()
        self.make_key('web')
        self.configure(providers='')
        code, _, said = self.run_as_operator('admin', 'reload')
        self.assertEqual(code, 0, said)
        self.assertFalse(self.signs())
        self.succeed(ALICE, contract.generate('beside'))
        code, _, said = self.reload('')
        self.assertEqual(code, 0, said)
        self.wait_until('up')
        self.assertTrue(self.signs())


if __name__ == '__main__':
    runner.main()
