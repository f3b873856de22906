"""What an operator sees of a token, and decides about it."""

import contextlib
import json
import os
import sqlite3
import time

import contract
import device
import json_schema
import runner
import service_manager
import softhsm
import wire
from daemon import ALICE
from device import DOWN


@softhsm.needs_softhsm
class OperatorCase(softhsm.WithToken, device.OperatorCase):
    pass


class Status(OperatorCase):
    def test_shows_a_token_that_went_away_and_came_back(self):
        self.start()
        code, token = self.shown()
        self.assertEqual((code, token['state'], token['reason']), (0, 'up', ''))
        self.make_key('web')
        self.token.take_away()
        self.assertFalse(self.signs())
        reason = self.wait_until('down')['reason']
        self.assertIn(f"token '{softhsm.LABEL}'", reason)
        self.assertIn('is not there', reason)
        self.token.put_back()
        self.wait_until('up')
        self.assertEqual(self.shown()[0], 0)
        self.assertTrue(self.signs())

    def test_each_change_is_logged_once(self):
        self.start()
        self.make_key('web')
        self.token.take_away()
        for _ in range(100):
            self.assertFalse(self.signs())
        time.sleep(2)  # some looks find the same
        self.token.put_back()
        self.wait_until('up')
        self.assertEqual(self.told("provider 'pkcs11' is down, and tried again"), 1)
        self.assertEqual(self.told("provider 'pkcs11' is up"), 2)

    def test_everybody_is_told_of_the_state_alone(self):
        self.token.take_away()
        notifications = service_manager.Notifications(self)
        environment = notifications.environment() | self.token.environment()
        self.daemon = self.place.start('--config', self.configure(), environment=environment)
        told = notifications.wait_for(lambda told: 'READY' in told)['STATUS']
        self.assertRegex(told, r"; provider 'pkcs11' (down|recovering)$")
        self.assertIn(softhsm.LABEL, self.place.read_log())

    def test_says_of_a_module_that_does_not_load_why(self):
        self.start('module = "/usr/lib/no-such-module.so"')
        reason = self.wait_until('down')['reason']
        self.assertIn('/usr/lib/no-such-module.so', reason)
        self.succeed(ALICE, contract.generate('beside'))


class AnotherToken(OperatorCase):
    def setUp(self):
        super().setUp()
        self.start()
        self.make_key('web')

    def test_is_accepted_by_an_operator_alone_and_for_good(self):
        self.token.replace()
        self.assertFalse(self.signs())
        reason = self.wait_until('down')['reason']
        self.assertIn('the serial differs', reason)
        self.assertIn('accept-root', reason)
        self.assertEqual(self.ask_device(contract.generate('new', contract.KEPT_KEY)).status, DOWN)
        code, out, said = self.accept()
        self.assertEqual((code, json.loads(out)['done']), (0, 'yes'), said)
        self.assertEqual(json_schema.problems_of('provider accept-root', out), [])
        self.assertIn("goes on with token 'keys'", json.loads(out)['message'])
        self.assertEqual(self.shown()[0], 0)
        self.make_key('new')
        self.assertFalse(self.signs())
        self.daemon.stop()
        self.start()
        self.succeed_device(contract.sign_hash('new'))
        # And the way back.
        self.token.exchange()
        self.assertNotEqual(self.ask_device(contract.sign_hash('new')).status, wire.SUCCESS)
        self.assertEqual(self.accept()[0], 0)
        self.assertTrue(self.signs())

    def test_is_refused_at_a_start_until_the_first_is_back(self):
        self.daemon.stop()
        self.token.replace()
        self.start()
        self.assertIn('the serial differs', self.wait_until('down')['reason'])
        self.assertEqual(self.ask_device(contract.generate('new', contract.KEPT_KEY)).status, DOWN)
        self.token.exchange()
        self.wait_until('up')
        self.assertTrue(self.signs())

    def test_is_not_taken_for_the_first_where_the_note_is_gone(self):
        self.daemon.stop()
        with contextlib.closing(sqlite3.connect(f'{self.place.state}/keys.db')) as store:
            store.execute('DELETE FROM key WHERE authenticator = 255')
            store.commit()
        self.token.replace()
        self.start()
        self.assertIn('the note of its token is gone', self.wait_until('down')['reason'])
        self.assertEqual(self.ask_device(contract.generate('new', contract.KEPT_KEY)).status, DOWN)
        self.token.exchange()
        self.assertFalse(self.signs())
        code, _, said = self.accept()
        self.assertEqual(code, 0, said)
        self.assertTrue(self.signs())

    def test_is_not_accepted_while_there_is_none(self):
        self.token.take_away()
        code, out, said = self.accept()
        self.assertEqual((code, json.loads(out)['done']), (10, 'no'), said)
        self.token.put_back()
        self.wait_until('up')
        self.assertTrue(self.signs())

    def test_in_another_slot_beside_it_changes_nothing(self):
        self.daemon.stop()
        self.token.add_token('another')
        self.start()
        self.assertTrue(self.signs())


class Pin(OperatorCase):
    REFUSED = 'strongroom provider unlock pkcs11'

    def setUp(self):
        super().setUp()
        self.token.write_pin('141421')

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
        self.assertIn("needs restart: '[[provider]] 'pkcs11' sessions'", said)

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
