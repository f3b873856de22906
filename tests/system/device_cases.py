"""What has to hold of every device that a provider keeps its keys in: to be mixed into cases of
device.Case and device.OperatorCase."""

import contextlib
import json
import sqlite3
import time

import contract
import json_schema
import service_manager
import wire
from daemon import ALICE
from device import DOWN, SOON


class StatusOfADevice:
    def test_shows_a_device_that_went_away_and_came_back(self):
        self.start()
        code, shown = self.shown()
        self.assertEqual((code, shown['state']), (0, 'up'))
        # Which a kernel may lack, and the workers of a token then.
        self.assertIn('Landlock', shown['reason'] or 'Landlock')
        self.make_key('web')
        self.device.take_away()
        self.assertFalse(self.signs())
        self.wait_until('down')
        code, shown = self.shown()
        self.assertEqual(code, 11)
        self.assertIn(self.device.address(), shown['reason'])
        code, out, said = self.run_as_operator('status')
        self.assertEqual(code, 11)
        self.assertIn(b'down since', out.replace(b'recovering', b'down'))
        self.assertIn(f"provider '{self.NAME}' is", said)
        self.device.put_back()
        self.wait_until('up')
        self.assertEqual(self.shown()[0], 0)

    def test_each_change_is_logged_once(self):
        self.start()
        self.make_key('web')
        self.device.take_away()
        for _ in range(100):
            self.assertFalse(self.signs())
        time.sleep(2)  # some looks find the same
        self.device.put_back()
        self.wait_until('up')
        self.assertEqual(self.told(f"provider '{self.NAME}' is down, and tried again"), 1)
        self.assertEqual(self.told(f"provider '{self.NAME}' is up"), 2)

    def test_everybody_is_told_of_the_state_alone(self):
        self.device.take_away()
        notifications = service_manager.Notifications(self)
        environment = notifications.environment() | self.device.environment()
        self.daemon = self.place.start('--config', self.configure(), environment=environment)
        told = notifications.wait_for(lambda told: 'READY' in told)['STATUS']
        self.assertRegex(told, rf"; provider '{self.NAME}' (down|recovering)$")
        self.assertIn(self.device.absence(), self.place.read_log())


class RecoveryOfADevice:
    """With requests in flight: to be mixed into cases of device.RecoveryCase."""

    def test_while_it_is_away_requests_are_refused_at_once(self):
        with self.traffic() as (there, beside):
            self.device.take_away()
            self.wait_until_it_does_not_sign()
            time.sleep(0.5)
            for each in there:
                each.answers.clear()
            # If the device was waited for, there would be no more than a few.
            self.wait_for_answers(there)
            for each in there:
                self.assertEqual(each.statuses(), {DOWN})
            self.device.put_back()
            self.wait_until_it_signs()
            time.sleep(0.1)
        self.assert_unharmed(there, beside)

    def test_another_is_refused_until_the_first_is_back(self):
        with self.traffic() as (there, beside):
            self.device.replace()
            self.wait_until_the_log_has(self.device.DIFFERENCE)
            for request in (contract.sign_hash('web'), contract.generate('other')):
                self.assertEqual(self.ask_device(request).status, DOWN)
            self.device.exchange()
            self.wait_until_it_signs()
            time.sleep(0.1)
        self.assert_unharmed(there, beside)


class AnotherDevice:
    """In the place of the one that has the keys."""

    def setUp(self):
        super().setUp()
        self.start()
        self.make_key('web')

    def assert_refused(self, request):
        self.assertEqual(self.ask_device(request).status, DOWN)

    def test_is_accepted_by_an_operator_alone_and_for_good(self):
        self.device.replace()
        self.assertFalse(self.signs())
        seen = self.wait_until('down')
        self.assertIn(self.device.DIFFERENCE, seen['reason'])
        self.assertIn('accept-root', seen['reason'])
        self.assert_refused(contract.generate('new', contract.KEPT_KEY))
        code, out, said = self.accept()
        self.assertEqual((code, json.loads(out)['done']), (0, 'yes'), said)
        self.assertEqual(json_schema.problems_of('provider accept-root', out), [])
        self.assertEqual(self.shown()[0], 0)
        self.make_key('new')
        self.assertFalse(self.signs())
        self.daemon.stop()
        self.start()
        self.succeed_device(contract.sign_hash('new'))
        # And the way back.
        self.device.exchange()
        self.assertNotEqual(self.ask_device(contract.sign_hash('new')).status, wire.SUCCESS)
        self.assertEqual(self.accept()[0], 0)
        self.assertTrue(self.signs())

    def test_is_refused_at_a_start_until_the_first_is_back(self):
        self.daemon.stop()
        self.device.replace()
        self.start()
        self.assertIn(self.device.DIFFERENCE, self.wait_until('down')['reason'])
        self.assert_refused(contract.sign_hash('web'))
        self.assert_refused(contract.generate('new', contract.KEPT_KEY))
        self.device.exchange()
        self.wait_until('up')
        self.assertTrue(self.signs())

    def test_is_not_taken_for_the_first_where_the_note_is_gone(self):
        self.daemon.stop()
        with contextlib.closing(sqlite3.connect(f'{self.place.state}/keys.db')) as store:
            store.execute('DELETE FROM key WHERE authenticator = 255')
            store.commit()
        self.device.replace()
        self.start()
        self.assertIn(f'the note of its {self.device.IDENTITY} is gone',
                      self.wait_until('down')['reason'])
        self.assert_refused(contract.generate('new', contract.KEPT_KEY))
        self.device.exchange()
        self.assertFalse(self.signs())
        code, _, said = self.accept()
        self.assertEqual(code, 0, said)
        self.assertTrue(self.signs())

    def test_is_not_accepted_while_there_is_none(self):
        self.device.take_away()
        code, out, said = self.accept()
        self.assertEqual((code, json.loads(out)['done']), (10, 'no'))
        self.assertIn(self.device.absence(), said)
        self.device.put_back()
        self.wait_until('up')
        self.assertTrue(self.signs())


class AbsenceOfADevice:
    def setUp(self):
        super().setUp()
        self.device.take_away()

    def wait_until_it_makes_keys(self):
        deadline = time.monotonic() + SOON
        while self.ask_device(contract.generate('web', contract.KEPT_KEY)).status != wire.SUCCESS:
            self.assertLess(time.monotonic(), deadline, self.place.read_log())
            time.sleep(0.05)

    def test_at_the_start_keeps_nobody_from_being_served(self):
        self.start()
        self.succeed(ALICE, contract.generate('web'))
        self.assertEqual(self.ask_device(contract.generate('web', contract.KEPT_KEY)).status, DOWN)
        self.device.put_back()
        self.wait_until_it_makes_keys()
        self.succeed_device(contract.sign_hash('web'))

    def test_does_not_change_the_order_of_providers(self):
        def listed():
            told = wire.fields_of(self.succeed(ALICE, (8, b'')))
            return [dict(wire.fields_of(each)).get(7, 0) for number, each in told if number == 1]
        self.start()
        away = listed()
        self.device.put_back()
        self.wait_until_it_makes_keys()
        self.assertEqual((listed(), away), ([wire.SOFTWARE, self.PROVIDER, wire.CORE],) * 2)

    def test_of_a_required_provider_fails_the_start(self):
        path = self.configure('required = true')
        code, _, said = self.place.run_daemon('--config', path,
                                              environment=self.device.environment())
        self.assertEqual(code, 1)
        self.assertIn(f"provider '{self.NAME}' is required, and down: ", said)
        self.assertIn(self.device.absence(), said)
        self.device.put_back()
        self.start('required = true')
        self.make_key('web')
