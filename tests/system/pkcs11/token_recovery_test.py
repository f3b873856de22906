"""What comes back by itself whatever happens to a token, with requests in flight; and that keys in
software notice nothing of it."""

import time

import contract
import device
import runner
import softhsm
import wire
from daemon import ALICE
from device import DOWN, SOON
from softhsm import TOKEN


@softhsm.needs_softhsm
class Recovery(softhsm.WithToken, device.RecoveryCase):
    def test_after_the_token_was_drawn_out_and_put_back(self):
        with self.traffic() as (there, beside):
            for _ in range(3):
                self.token.take_away()
                time.sleep(0.5)
                self.token.put_back()
                self.wait_until_it_signs()
            time.sleep(0.2)
        self.assert_unharmed(there, beside)

    def test_while_it_is_away_requests_are_refused_at_once(self):
        with self.traffic() as (there, beside):
            self.token.take_away()
            time.sleep(1)
            for each in there:
                each.answers.clear()
            time.sleep(1)
            for each in there:
                self.assertEqual(each.statuses(), {DOWN})
                self.assertGreater(len(each.answers), 100)
            self.token.put_back()
            self.wait_until_it_signs()
            time.sleep(0.1)
        self.assert_unharmed(there, beside)

    def test_another_token_is_refused_until_the_first_is_back(self):
        with self.traffic() as (there, beside):
            self.token.replace()
            time.sleep(1)
            self.assertEqual(self.ask_device(contract.sign_hash('web')).status, DOWN)
            self.token.exchange()
            self.wait_until_it_signs()
            time.sleep(0.1)
        self.assert_unharmed(there, beside)
        self.assertIn('the serial differs', self.place.read_log())


class RecoveryOfAModuleInTheService(Recovery):
    SETTINGS = 'isolation = "none"\n'


@softhsm.needs_softhsm
class Absence(softhsm.Case):
    def setUp(self):
        super().setUp()
        self.token.take_away()

    def wait_until_it_makes_keys(self):
        deadline = time.monotonic() + SOON
        while self.ask_device(contract.generate('web', contract.KEPT_KEY)).status != wire.SUCCESS:
            self.assertLess(time.monotonic(), deadline, self.place.read_log())
            time.sleep(0.05)

    def test_at_the_start_keeps_nobody_from_being_served(self):
        self.start()
        self.succeed(ALICE, contract.generate('web'))
        self.assertEqual(self.ask_device(contract.generate('web', contract.KEPT_KEY)).status, DOWN)
        self.token.put_back()
        self.wait_until_it_makes_keys()
        self.succeed_device(contract.sign_hash('web'))

    def test_does_not_change_the_order_of_providers(self):
        def listed():
            told = wire.fields_of(self.succeed(ALICE, (8, b'')))
            return [dict(wire.fields_of(each)).get(7, 0) for number, each in told if number == 1]
        self.start()
        away = listed()
        self.token.put_back()
        self.wait_until_it_makes_keys()
        self.assertEqual((listed(), away), ([wire.SOFTWARE, TOKEN, wire.CORE],) * 2)

    def test_of_a_required_provider_fails_the_start(self):
        path = self.configure('required = true')
        code, _, said = self.place.run_daemon('--config', path,
                                              environment=self.token.environment())
        self.assertEqual(code, 1)
        self.assertIn("provider 'pkcs11' is required, and down: ", said)
        self.token.put_back()
        self.start('required = true')
        self.make_key('web')


if __name__ == '__main__':
    runner.main()
