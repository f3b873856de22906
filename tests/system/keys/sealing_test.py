"""AEAD with nonces that the service draws: they are of one series as long as the process lives,
whatever it reloads, and of another after a restart."""

import signal
import time

import contract
import runner
import wire
from daemon import ALICE, PATIENCE, Case

AEAD_SEAL = 0x8009
DRAWN_NONCE_ONLY = 1000


def careful_key():
    usage = wire.message((contract.ENCRYPTING, 1), (contract.DECRYPTING, 1))
    policy = wire.message((1, usage), (2, wire.message((5, contract.GCM))), (DRAWN_NONCE_ONLY, 1))
    return wire.message((1, contract.AES), (2, 256), (3, policy))


SEAL = AEAD_SEAL, wire.message((1, 'vault'), (2, contract.GCM), (3, b'header'),
                               (4, contract.MESSAGE))


class Sealing(Case):
    def setUp(self):
        super().setUp()
        self.start_with('')

    def start_with(self, limits):
        self.configuration = self.place.configuration(rest=limits)
        self.daemon = self.place.start('--config', self.configuration)

    def seal(self):
        """The nonce and the ciphertext."""
        fields = dict(wire.fields_of(self.succeed(ALICE, SEAL)))
        return fields[1], fields[2]

    def open(self, nonce, ciphertext):
        request = contract.AEAD_DECRYPT, wire.message(
            (1, 'vault'), (2, contract.GCM), (3, nonce), (4, b'header'), (5, ciphertext))
        return dict(wire.fields_of(self.succeed(ALICE, request)))[1]

    def reload(self, limits):
        self.place.configuration(rest=limits)
        before = self.place.read_log()
        self.daemon.signal(signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE
        while 'reloaded generation=' not in self.place.read_log()[len(before):]:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def test_what_is_sealed_is_opened_by_ordinary_decryption(self):
        self.succeed(ALICE, contract.generate('vault', careful_key()))
        self.assertEqual(self.open(*self.seal()), contract.MESSAGE)

    def test_a_key_that_wants_drawn_nonces_takes_no_others(self):
        self.succeed(ALICE, contract.generate('vault', careful_key()))
        self.assertEqual(self.status(ALICE, contract.encrypt_aes('vault')), wire.NOT_PERMITTED)
        self.assertIn('AeadSeal draws one', self.place.read_log())

    def test_nonces_go_on_after_a_reload_and_begin_anew_after_a_restart(self):
        self.succeed(ALICE, contract.generate('vault', careful_key()))
        nonces = [self.seal()[0] for _ in range(3)]
        self.reload('[limits]\nmax_in_flight = 32\n')
        nonces += [self.seal()[0] for _ in range(3)]
        self.assertEqual(len({nonce[:8] for nonce in nonces}), 1)
        counters = [int.from_bytes(nonce[8:], 'big') for nonce in nonces]
        self.assertEqual([(counter - counters[0]) % 2**32 for counter in counters], list(range(6)))

        self.assertEqual(self.daemon.stop(), 0)
        self.start_with('')
        again = [self.seal()[0] for _ in range(3)]
        self.assertNotEqual(again[0][:8], nonces[0][:8])
        self.assertEqual(len(set(nonces + again)), 9)


if __name__ == '__main__':
    runner.main()
