"""Requests of the Parsec contracts that these tests send, built field by field."""

import hashlib

from wire import message

PING, GENERATE, DESTROY, SIGN_HASH, VERIFY_HASH, IMPORT, EXPORT_PUBLIC = range(1, 8)
LIST_PROVIDERS, LIST_OPCODES, ASYMMETRIC_ENCRYPT, ASYMMETRIC_DECRYPT, EXPORT = range(8, 13)
RANDOM, LIST_AUTHENTICATORS, HASH_COMPUTE, HASH_COMPARE, AEAD_ENCRYPT, AEAD_DECRYPT = range(13, 19)
KEY_AGREEMENT, CIPHER_ENCRYPT, CIPHER_DECRYPT, MAC_COMPUTE, MAC_VERIFY = range(19, 24)
SIGN_MESSAGE, VERIFY_MESSAGE, LIST_KEYS, LIST_CLIENTS, DELETE_CLIENT = range(24, 29)
ATTEST, PREPARE_ATTESTATION, CAN_DO_CRYPTO = range(30, 33)

NOTHING = b''
SHA_256 = 7
EXPORTING, ENCRYPTING, DECRYPTING = 1, 4, 5
SIGNING_MESSAGES, VERIFYING_MESSAGES, SIGNING, VERIFYING, DERIVING = 6, 7, 8, 9, 10

RSA = message((10, NOTHING))
AES = message((4, NOTHING))
P256 = message((11, message((1, 2))))

ECDSA = message((4, message((1, message((2, SHA_256))))))
OAEP = message((2, message((1, SHA_256))))
GCM = message((1, 2))
ECDH = message((1, 2))
CBC_PKCS7 = 8
HMAC = message((1, message((1, message((1, SHA_256))))))

MESSAGE = b'to be or not to be'
DIGEST = hashlib.sha256(MESSAGE).digest()
NONCE = bytes(12)


def attributes(kind, bits, algorithm, *usages):
    """`algorithm` is a field of psa_algorithm.Algorithm."""
    usage = message(*((flag, 1) for flag in usages))
    return message((1, kind), (2, bits), (3, message((1, usage), (2, message(algorithm)))))


SIGNING_KEY = attributes(P256, 256, (5 + 1, ECDSA), SIGNING, VERIFYING, EXPORTING)
KEPT_KEY = attributes(P256, 256, (5 + 1, ECDSA), SIGNING, VERIFYING)
RSA_KEY = attributes(RSA, 2048, (7, OAEP), ENCRYPTING, DECRYPTING)
AES_KEY = attributes(AES, 256, (5, GCM), ENCRYPTING, DECRYPTING, EXPORTING)
AGREEMENT_KEY = attributes(P256, 256, (8, ECDH), DERIVING)


def generate(name, key=SIGNING_KEY):
    return GENERATE, message((1, name), (2, key))


def import_(name, key, data):
    return IMPORT, message((1, name), (2, key), (3, data))


def named(opcode, name):
    return opcode, message((1, name))


def sign_hash(name, digest=DIGEST):
    return SIGN_HASH, message((1, name), (2, ECDSA), (3, digest))


def verify_hash(name, signature=bytes(64), digest=DIGEST):
    return VERIFY_HASH, message((1, name), (2, ECDSA), (3, digest), (4, signature))


def sign_message(name):
    return SIGN_MESSAGE, message((1, name), (2, ECDSA), (3, MESSAGE))


def verify_message(name, signature=bytes(64)):
    return VERIFY_MESSAGE, message((1, name), (2, ECDSA), (3, MESSAGE), (4, signature))


def encrypt_rsa(name):
    return ASYMMETRIC_ENCRYPT, message((1, name), (2, OAEP), (3, MESSAGE))


def decrypt_rsa(name, ciphertext=bytes(256)):
    return ASYMMETRIC_DECRYPT, message((1, name), (2, OAEP), (3, ciphertext))


def encrypt_aes(name):
    return AEAD_ENCRYPT, message((1, name), (2, GCM), (3, NONCE), (5, MESSAGE))


def decrypt_aes(name, ciphertext=bytes(34)):
    return AEAD_DECRYPT, message((1, name), (2, GCM), (3, NONCE), (5, ciphertext))


def agree(name, peer=bytes(65)):
    return KEY_AGREEMENT, message((1, 2), (2, name), (3, peer))


# Of each operation one request, for a key of the given name.
def every_operation(name):
    yield from every_use_of_a_key(name)
    yield generate(name)
    yield import_(name, AES_KEY, bytes(32))
    for opcode in (PING, LIST_PROVIDERS, LIST_OPCODES, LIST_AUTHENTICATORS, LIST_KEYS,
                   LIST_CLIENTS):
        yield opcode, NOTHING
    yield DELETE_CLIENT, message((1, 'nobody'))
    yield RANDOM, message((1, 32))
    yield HASH_COMPUTE, message((1, SHA_256), (2, MESSAGE))
    yield HASH_COMPARE, message((1, SHA_256), (2, MESSAGE), (3, DIGEST))
    yield CIPHER_ENCRYPT, message((1, name), (2, CBC_PKCS7), (3, MESSAGE))
    yield CIPHER_DECRYPT, message((1, name), (2, CBC_PKCS7), (3, bytes(32)))
    yield MAC_COMPUTE, message((1, name), (2, HMAC), (3, MESSAGE))
    yield MAC_VERIFY, message((1, name), (2, HMAC), (3, MESSAGE), (4, bytes(32)))
    yield ATTEST, message((1, name), (3, name))
    yield PREPARE_ATTESTATION, message((1, message((1, message((1, name), (2, name))))))
    yield CAN_DO_CRYPTO, message((1, 1), (2, SIGNING_KEY))


# The operations that name a key which has to be there.
def every_use_of_a_key(name):
    for opcode in (EXPORT_PUBLIC, EXPORT, DESTROY):
        yield named(opcode, name)
    for request in (sign_hash, verify_hash, sign_message, verify_message, encrypt_rsa, decrypt_rsa,
                    encrypt_aes, decrypt_aes, agree):
        yield request(name)
