"""Keys in a PKCS#11 token, through the daemon's socket."""

import os

import contract
import runner
import softhsm
import wire
from daemon import ALICE

NOT_PERMITTED = 1133


@softhsm.needs_softhsm
class Keys(softhsm.Case):
    def test_sign_and_verify_through_the_socket(self):
        self.start()
        self.make_key('web')
        signature = dict(wire.fields_of(self.succeed_device(contract.sign_hash('web'))))[1]
        self.assertEqual(len(signature), 64)
        self.succeed_device(contract.verify_hash('web', signature))

    def test_outlive_the_daemon(self):
        self.start()
        self.make_key('web')
        for _ in range(2):
            self.daemon.stop()
            self.start()
            self.succeed_device(contract.sign_hash('web'))

    def test_are_others_than_those_of_the_same_name_in_software(self):
        self.start()
        self.make_key('web')
        self.assertNotEqual(self.ask(ALICE, contract.sign_hash('web')).status, wire.SUCCESS)
        self.succeed(ALICE, contract.generate('web'))
        self.succeed(ALICE, contract.named(contract.DESTROY, 'web'))
        self.succeed_device(contract.sign_hash('web'))

    def test_leave_the_token_only_where_the_configuration_lets_them(self):
        self.start()
        refused = self.ask_device(contract.generate('web', contract.SIGNING_KEY))
        self.assertEqual(refused.status, NOT_PERMITTED)
        self.assertRegex(self.place.read_log(),
                         "generating key 'web': provider 'pkcs11': .*'allow_export = true'")
        self.daemon.stop()
        self.start('allow_export = true')
        self.succeed_device(contract.generate('web', contract.SIGNING_KEY))
        self.succeed_device(contract.named(contract.EXPORT, 'web'))

    def test_are_imported_with_the_size_of_their_data(self):
        self.start()
        key = contract.attributes(contract.P256, 0, (5 + 1, contract.ECDSA), contract.SIGNING)
        self.succeed_device(contract.import_('web', key, bytes(range(1, 33))))
        self.succeed_device(contract.sign_hash('web'))

    def test_ask_for_the_pin_each_time_where_the_configuration_says_so(self):
        for setting in ('false', 'true'):
            self.start(f'always_authenticate = {setting}')
            self.make_key(setting)
            self.succeed_device(contract.sign_hash(setting))
            os.rename(self.token.pin, self.token.pin + '.away')
            answer = self.ask_device(contract.sign_hash(setting))
            os.rename(self.token.pin + '.away', self.token.pin)
            self.assertEqual(answer.status != wire.SUCCESS, setting == 'true')
            self.daemon.stop()
        self.assertRegex(self.place.read_log(), f"reading 'pin' of provider .*'{self.token.pin}'")

    def test_are_in_the_token_that_its_module_and_label_mean(self):
        self.token.add_token('another')
        self.start(f'module = "{softhsm.module}"\ntoken = "{softhsm.LABEL}"')
        self.make_key('web')
        self.succeed_device(contract.sign_hash('web'))

    def test_are_in_the_token_whose_pin_the_uri_names(self):
        self.start(f'uri = "{self.token.uri()}&pin-source=file:{self.token.pin}"')
        self.make_key('web')
        self.succeed_device(contract.sign_hash('web'))

    def test_hashing_and_random_need_no_key(self):
        self.start()
        message = wire.message((1, contract.SHA_256), (2, contract.MESSAGE))
        hashed = self.succeed_device((contract.HASH_COMPUTE, message))
        self.assertEqual(dict(wire.fields_of(hashed))[1], contract.DIGEST)
        drawn = self.succeed_device((contract.RANDOM, wire.message((1, 100))))
        self.assertEqual(len(dict(wire.fields_of(drawn))[1]), 100)


class KeysOfAModuleInTheService(Keys):
    SETTINGS = 'isolation = "none"\n'

    def test_work_with_one_session(self):
        self.start('sessions = 1')
        self.make_key('web')
        for _ in range(3):
            self.succeed_device(contract.sign_hash('web'))


if __name__ == '__main__':
    runner.main()
