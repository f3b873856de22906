"""What comes back by itself whatever happens to a token, with requests in flight; and that keys in
software notice nothing of it."""

import time

import contract
import device
import device_cases
import runner
import softhsm
import wire
from daemon import ALICE, needs_root
from device import DOWN, SOON

INVALID_SIGNATURE = 1149


@softhsm.needs_softhsm
class Recovery(device_cases.RecoveryOfADevice, softhsm.WithToken, device.RecoveryCase):
    def test_after_the_token_was_drawn_out_and_put_back(self):
        with self.traffic() as (there, beside):
            for _ in range(3):
                self.token.take_away()
                time.sleep(0.5)
                self.token.put_back()
                self.wait_until_it_signs()
            time.sleep(0.2)
        self.assert_unharmed(there, beside)

    def test_while_it_was_never_seen_what_needs_no_secret_is_done(self):
        signature = dict(wire.fields_of(self.succeed_device(contract.sign_hash('web'))))[1]
        self.daemon.stop()
        self.token.take_away()
        self.start()
        self.assertEqual(self.ask_device(contract.sign_hash('web')).status, DOWN)
        self.succeed_device(contract.verify_hash('web', signature))
        self.assertEqual(self.ask_device(contract.verify_hash('web')).status, INVALID_SIGNATURE)
        self.token.put_back()
        self.wait_until_it_signs()

    def test_after_its_directory_was_replaced_by_a_copy(self):
        with self.traffic() as (there, beside):
            self.token.move_directory_away()
            self.wait_until_it_does_not_sign()
            self.token.put_back_a_copy()
            self.wait_until_it_signs()
            time.sleep(0.1)
        self.assert_unharmed(there, beside)

    def test_after_it_was_initialised_anew_its_keys_are_gone_and_others_are_made(self):
        with self.traffic() as (_, beside):
            self.token.initialise_anew()
            self.wait_until_it_does_not_sign()
            deadline = time.monotonic() + SOON
            while self.ask_device(contract.generate('new', contract.KEPT_KEY)).status != wire.SUCCESS:
                self.assertLess(time.monotonic(), deadline, self.place.read_log())
                time.sleep(0.05)
            self.succeed_device(contract.sign_hash('new'))
            self.assertNotEqual(self.ask_device(contract.sign_hash('web')).status, wire.SUCCESS)
        self.assertEqual(beside.statuses(), {wire.SUCCESS})


class RecoveryOfAModuleInTheService(Recovery):
    SETTINGS = 'isolation = "none"\n'


@softhsm.needs_softhsm
@needs_root
class Full(softhsm.Case):
    def test_a_full_token_makes_no_key_and_uses_those_it_has(self):
        self.token.have_room_for(64)
        self.start()
        made = []
        while self.ask_device(contract.generate(f'key {len(made)}', contract.KEPT_KEY)).status \
                == wire.SUCCESS:
            made.append(f'key {len(made)}')
            self.assertLess(len(made), 100)
        self.assertGreater(len(made), 1)
        for name in made:
            self.succeed_device(contract.sign_hash(name))
        self.succeed(ALICE, contract.generate('beside'))
        # Room for one is room for one.
        self.succeed_device(contract.named(contract.DESTROY, made[0]))
        deadline = time.monotonic() + SOON
        while self.ask_device(contract.generate('again', contract.KEPT_KEY)).status != wire.SUCCESS:
            self.assertLess(time.monotonic(), deadline, self.place.read_log())
            time.sleep(0.05)
        self.succeed_device(contract.sign_hash('again'))


@softhsm.needs_softhsm
class Absence(device_cases.AbsenceOfADevice, softhsm.Case):
    pass


if __name__ == '__main__':
    runner.main()
