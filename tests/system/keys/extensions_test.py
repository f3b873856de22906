"""Edwards curves, derived keys and batches of signatures, as their bytes cross the socket."""

import hashlib
import hmac

import contract
import runner
import wire
from contract import NOTHING
from daemon import ALICE, BOB, Case, needs_root

DERIVE_KEY, SIGN_BATCH = 0x8005, 0x8008
EDWARDS = 1000

EDDSA = wire.message((1000, NOTHING))
ED25519 = wire.message((11, wire.message((1, EDWARDS))))
EDWARDS_KEY = contract.attributes(ED25519, 255, (6, EDDSA), contract.SIGNING_MESSAGES,
                                  contract.VERIFYING_MESSAGES)

HKDF = wire.message((9, wire.message((1, wire.message((1, contract.SHA_256))))))
DERIVE = wire.message((3, NOTHING))
SECRET_KEY = wire.message((1, DERIVE), (2, 0), (3, wire.message(
    (1, wire.message((contract.DERIVING, 1))), (2, HKDF))))

# RFC 8032 §7.1, TEST 3.
SEED = bytes.fromhex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7')
POINT = bytes.fromhex('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025')
SIGNATURE = bytes.fromhex('6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac'
                          '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a')


def hkdf(secret, salt, info, size):
    """RFC 5869 with SHA-256."""
    key = hmac.digest(salt, secret, 'sha256')
    output = block = b''
    while len(output) < size:
        block = hmac.digest(key, block + info + bytes([len(output) // 32 + 1]), 'sha256')
        output += block
    return output[:size]


def derive(name, new_name, key=contract.AES_KEY, info=b'info'):
    return DERIVE_KEY, wire.message((1, name), (2, HKDF), (4, b'salt'), (5, info), (8, new_name),
                                    (9, key))


def batch(name, algorithm, hashes=(), messages=()):
    return SIGN_BATCH, wire.message((1, name), (2, algorithm), *((3, entry) for entry in hashes),
                                    *((4, entry) for entry in messages))


class Extensions(Case):
    def setUp(self):
        super().setUp()
        self.configuration = self.place.configuration()
        self.daemon = self.place.start('--config', self.configuration)

    def bytes_of(self, request):
        """The values of the answer's first field."""
        return [value for number, value in wire.fields_of(self.succeed(ALICE, request))
                if number == 1]

    def test_ed25519_signs_as_rfc_8032_says(self):
        self.succeed(ALICE, contract.import_('edwards', EDWARDS_KEY, SEED))
        self.assertEqual(self.bytes_of(contract.named(contract.EXPORT_PUBLIC, 'edwards')), [POINT])
        sign = contract.SIGN_MESSAGE, wire.message((1, 'edwards'), (2, EDDSA), (3, b'\xaf\x82'))
        self.assertEqual(self.bytes_of(sign), [SIGNATURE])
        self.assertEqual(self.bytes_of(batch('edwards', EDDSA, messages=[b'\xaf\x82'] * 3)),
                         [SIGNATURE] * 3)
        verify = wire.message((1, 'edwards'), (2, EDDSA), (3, b'\xaf\x83'), (4, SIGNATURE))
        self.assertEqual(self.status(ALICE, (contract.VERIFY_MESSAGE, verify)),
                         wire.INVALID_SIGNATURE)

    def test_edwards_keys_are_listed_to_those_who_know_of_them(self):
        self.succeed(ALICE, contract.generate('edwards', EDWARDS_KEY))
        self.succeed(ALICE, contract.generate('web'))
        self.assertNotIn(b'edwards', self.succeed(ALICE, (contract.LIST_KEYS, NOTHING)))
        self.assertIn(b'edwards', self.succeed(ALICE, (contract.LIST_KEYS, NOTHING),
                                               flags=wire.EXTENDED))

    def test_derived_keys_are_those_of_rfc_5869_and_outlive_a_restart(self):
        self.succeed(ALICE, contract.import_('secret', SECRET_KEY, bytes(range(22))))
        self.succeed(ALICE, derive('secret', 'vault'))
        expected = hkdf(bytes(range(22)), b'salt', b'info', 32)
        self.assertEqual(self.bytes_of(contract.named(contract.EXPORT, 'vault')), [expected])
        self.assertEqual(self.daemon.stop(), 0)
        self.place.start('--config', self.configuration)
        self.assertEqual(self.bytes_of(contract.named(contract.EXPORT, 'vault')), [expected])
        self.assertEqual(self.status(ALICE, derive('secret', 'vault')), wire.ALREADY_EXISTS)
        self.assertEqual(self.status(ALICE, contract.named(contract.EXPORT, 'secret')),
                         wire.NOT_PERMITTED)

    @needs_root
    def test_nobody_derives_from_or_signs_with_keys_of_others(self):
        self.succeed(ALICE, contract.import_('secret', SECRET_KEY, bytes(32)))
        self.succeed(ALICE, contract.generate('web'))
        self.assertEqual(self.status(BOB, derive('secret', 'mine')), wire.DOES_NOT_EXIST)
        self.assertEqual(self.status(BOB, batch('web', contract.ECDSA, [contract.DIGEST])),
                         wire.DOES_NOT_EXIST)

    def test_a_batch_is_as_many_signatures(self):
        self.succeed(ALICE, contract.generate('web'))
        hashes = [hashlib.sha256(bytes([i])).digest() for i in range(64)]
        signatures = self.bytes_of(batch('web', contract.ECDSA, hashes))
        self.assertEqual(len(signatures), 64)
        for signature, digest in zip(signatures, hashes):
            self.succeed(ALICE, contract.verify_hash('web', signature, digest))
        self.assertEqual(self.status(ALICE, batch('web', contract.ECDSA, hashes + [b'short'])),
                         wire.INVALID_ARGUMENT)
        self.assertEqual(self.status(ALICE, batch('web', contract.ECDSA, hashes * 16)),
                         wire.SUCCESS)
        self.assertEqual(self.status(ALICE, batch('web', contract.ECDSA, hashes * 16 + hashes)),
                         wire.INVALID_ARGUMENT)


if __name__ == '__main__':
    runner.main()
