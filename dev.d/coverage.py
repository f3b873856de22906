"""Holds docs/coverage.md to what the conformance suite finds.

    coverage.py write|check CONFORMANCE_TEST PAGE

runs the cases that execute every combination through the socket, and writes the page from the record
that they leave, or compares it with the page. Nothing else is known here of what a provider offers;
the tables below only give names to what the record has.
"""

import collections
import difflib
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HASHES = ['md2', 'md4', 'md5', 'ripemd160', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512',
          'sha512-224', 'sha512-256', 'sha3-224', 'sha3-256', 'sha3-384', 'sha3-512']
DIGEST_SIZES = dict(zip(HASHES, [16, 16, 16, 20, 20, 28, 32, 48, 64, 28, 32, 28, 32, 48, 64]))
HASH_NAMES = dict(zip(HASHES, [
    'MD2', 'MD4', 'MD5', 'RIPEMD-160', 'SHA-1', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512',
    'SHA-512/224', 'SHA-512/256', 'SHA3-224', 'SHA3-256', 'SHA3-384', 'SHA3-512']))
TYPE_NAMES = {
    'raw': 'raw data', 'hmac': 'HMAC', 'derive': 'secret to derive from', 'aes': 'AES', 'des': 'DES',
    'camellia': 'Camellia', 'arc4': 'ARC4', 'chacha20': 'ChaCha20', 'rsa': 'RSA', 'dh': 'DH RFC 7919',
    'ecc-secp-k1': 'ECC SECP K1', 'ecc-secp-r1': 'ECC SECP R1', 'ecc-secp-r2': 'ECC SECP R2',
    'ecc-sect-k1': 'ECC SECT K1', 'ecc-sect-r1': 'ECC SECT R1', 'ecc-sect-r2': 'ECC SECT R2',
    'ecc-brainpool-p-r1': 'ECC Brainpool P R1', 'ecc-frp': 'ECC FRP',
    'ecc-montgomery': 'ECC Montgomery', 'ecc-twisted-edwards': 'ECC twisted Edwards',
}
KIND_NAMES = {
    'rsa-pkcs1v15': 'PKCS#1 v1.5', 'rsa-pkcs1v15-raw': "PKCS#1 v1.5 of the caller's DigestInfo",
    'rsa-pss': 'PSS', 'ecdsa': 'ECDSA', 'ecdsa-any': 'ECDSA of any digest',
    'deterministic-ecdsa': 'deterministic ECDSA', 'eddsa': 'EdDSA',
    'rsa-pkcs1v15-crypt': 'PKCS#1 v1.5', 'rsa-oaep': 'OAEP',
    'ccm': 'CCM', 'gcm': 'GCM', 'chacha20-poly1305': 'ChaCha20-Poly1305',
    'stream': 'stream cipher', 'ctr': 'CTR', 'cfb': 'CFB', 'ofb': 'OFB', 'xts': 'XTS', 'ecb': 'ECB',
    'cbc': 'CBC', 'cbc-pkcs7': 'CBC with PKCS#7 padding', 'hmac': 'HMAC', 'cbc-mac': 'CBC-MAC',
    'cmac': 'CMAC', 'ecdh': 'ECDH', 'ffdh': 'FFDH', 'hkdf': 'HKDF', 'tls12-prf': 'TLS 1.2 PRF',
    'tls12-psk-to-ms': 'TLS 1.2 PSK to master secret', 'aes-kwp': 'AES-KWP',
    'rsa-oaep-aes-kwp': 'RSA-OAEP with AES-KWP',
}
for _raw, _kdf in itertools.product(['ecdh', 'ffdh'], ['hkdf', 'tls12-prf', 'tls12-psk-to-ms']):
    KIND_NAMES[f'{_raw}-{_kdf}'] = f'{KIND_NAMES[_raw]}, then {KIND_NAMES[_kdf]}'
FAMILIES = {
    'Signatures': ['rsa-pkcs1v15', 'rsa-pkcs1v15-raw', 'rsa-pss', 'ecdsa', 'deterministic-ecdsa',
                   'ecdsa-any', 'eddsa'],
    'Asymmetric encryption': ['rsa-pkcs1v15-crypt', 'rsa-oaep'],
    'Authenticated encryption': ['gcm', 'ccm', 'chacha20-poly1305'],
    'Unauthenticated encryption': ['ctr', 'cfb', 'ofb', 'xts', 'ecb', 'cbc', 'cbc-pkcs7', 'stream'],
    'MACs': ['hmac', 'cmac', 'cbc-mac'],
    'Key agreement': [kind for kind in KIND_NAMES if kind.startswith(('ecdh', 'ffdh'))],
    'Key derivation': ['hkdf', 'tls12-prf', 'tls12-psk-to-ms'],
    'Key wrapping': ['aes-kwp', 'rsa-oaep-aes-kwp'],
}
SKIPPED = 77  # to Meson
# The cases of the suite that leave a record.
CASES = '*ExactlyWhen*/Socket*:*HashesAreComputed*/Socket*'
DEVICES = {'tpm': 'the TPM', 'pkcs11': 'the token'}
# The devices' own limits: why there is no more, by what is left out. Nothing may be left out that is
# not here, and nothing be here that is not left out. What no combination tries stands in BESIDE.
LIMITS = {
    'tpm': {
        'a TPM keeps keys of its own algorithms alone, and swtpm has none of these': [
            'raw', 'derive', 'des', 'camellia', 'chacha20', 'dh', 'ecc-secp-k1', 'ecc-secp-r2',
            'ecc-sect-k1', 'ecc-sect-r1', 'ecc-sect-r2', 'ecc-brainpool-p-r1', 'ecc-montgomery',
            'ecc-twisted-edwards'],
        'swtpm has no keys of these sizes': ['aes sizes', 'hmac sizes', 'rsa sizes'],
        'swtpm has SHA-1, SHA-256, SHA-384 and SHA-512': [
            'rsa-pkcs1v15 hashes', 'rsa-pss hashes', 'rsa-oaep hashes', 'hmac hashes'],
        'TPM2_Sign pads what is a digest of a hash that it knows': ['rsa-pkcs1v15-raw'],
        'a TPM draws the number of each signature': ['deterministic-ecdsa'],
        'TPM 2.0 has CTR, OFB, CBC, CFB and ECB': ['gcm', 'ccm', 'xts'],
        'what is agreed upon would leave the TPM to be derived from': [
            'ecdh-hkdf', 'ecdh-tls12-prf', 'ecdh-tls12-psk-to-ms'],
        'a TPM wraps keys in forms of its own': ['aes-kwp', 'rsa-oaep-aes-kwp'],
    },
    'pkcs11': {
        'SoftHSM has no such keys, or no use for them': ['derive', 'camellia', 'chacha20'],
        'SoftHSM takes no keys of these sizes': [
            'aes sizes', 'ecc-sect-k1 sizes', 'ecc-sect-r1 sizes'],
        'PKCS#11 v2.40 names SHA-1 and SHA-2 alone': ['rsa-pss hashes', 'hmac hashes'],
        'SoftHSM has SHA-1 alone': ['rsa-oaep hashes'],
        'PKCS#11 has no mechanism for it': ['deterministic-ecdsa'],
        'SoftHSM has no such mechanisms': ['ccm', 'cfb', 'ofb', 'xts'],
        'what is agreed upon would leave the token to be derived from': [
            'ecdh-hkdf', 'ecdh-tls12-prf', 'ecdh-tls12-psk-to-ms',
            'ffdh-hkdf', 'ffdh-tls12-prf', 'ffdh-tls12-psk-to-ms'],
        'what is to be wrapped is elsewhere than in the token': ['aes-kwp', 'rsa-oaep-aes-kwp'],
    },
}
BESIDE = {
    'tpm': {
        'Export of private and secret keys': 'keys in a TPM are made to stay there',
        'RSA keys with another public exponent than 65537': 'swtpm has none',
        'Labels of OAEP that do not end in NUL': 'a TPM takes no others',
        'Authenticated encryption in parts': 'a TPM has none in one piece either',
    },
    'pkcs11': {
        'Attestation': 'PKCS#11 has nothing to prove of a key',
        'Labels of OAEP': 'SoftHSM takes none; those of a token that does are served',
        'Authenticated encryption in parts': 'it would keep a session of the token from the first '
                                             'part to the last, and sessions are few',
        'Export of private and secret keys without `allow_export`': 'they are made to stay in the token',
    },
}
# Operations that are told by one word when all of them work.
PAIRS = {'sign': ['sign-hash', 'sign-message'], 'verify': ['verify-hash', 'verify-message']}
SINGLE = ['encrypt', 'decrypt', 'derive', 'wrap', 'unwrap']
# What can be done with the public half of a pair.
PUBLIC = {'verify-hash', 'verify-message', 'encrypt', 'wrap'}
DEPRECATED = '°'
NOTHING = '–'

# What varies within a kind of algorithm, as its name has it.
_HASH = re.compile(r'-(%s|any-hash)(?=-|$)' % '|'.join(sorted(HASHES, key=len, reverse=True)))
_SIZE = re.compile(r'-(?:tag|truncated)-(\d+)$')

Try = collections.namedtuple('Try', 'operation type bits kind hash size')


class Record:
    """What was tried, and with whom it worked: {provider: {Try: mark}}, the mark empty or °."""

    def __init__(self, lines):
        self.library = ''
        self.tried = set()
        self.worked = collections.defaultdict(dict)
        self.providers = []
        for line in lines:
            words = line.rstrip('\n').split('\t')
            if words[0] == 'library':
                self.library = words[1]
            else:
                self.add(*words)
        self.providers.sort(key=lambda name: (name != 'software', name))

    def add(self, provider, way, mode, answer, operation, key_type, bits, algorithm):
        if way != 'socket':
            return
        if provider not in self.providers:
            self.providers.append(provider)
        if algorithm in HASHES:
            kind, hash_name, size = 'hash', algorithm, None
        else:
            size, hash_name = _SIZE.search(algorithm), _HASH.search(algorithm)
            kind = _HASH.sub('', _SIZE.sub('', algorithm))
            size, hash_name = size and int(size[1]), hash_name and hash_name[1]
        if hash_name == 'any-hash':  # a policy's word, which no request may use
            return
        attempt = Try(operation, key_type, int(bits), kind, hash_name, size)
        self.tried.add(attempt)
        if answer == 'yes':
            mark = DEPRECATED if mode == 'deprecated' else ''
            known = self.worked[provider].get(attempt, mark)
            self.worked[provider][attempt] = min(mark, known)


def marked(items, name=str):
    """Items with their marks: {128: '', 64: '°'} → "64° 128"."""
    return ' '.join(name(item) + mark for item, mark in items.items())


def sizes(marks):
    return marked(dict(sorted(marks.items()))) if marks else NOTHING


def table(head, rows):
    yield '| ' + ' | '.join(head) + ' |'
    yield '|' + '---|' * len(head)
    yield from ('| ' + ' | '.join(row) + ' |' for row in rows)
    yield ''


def public_type_of(key_type):
    if key_type in ('rsa', 'dh'):
        return key_type + '-public-key'
    if key_type.startswith('ecc-'):
        return key_type.replace('ecc-', 'ecc-public-key-')
    return None


def name_of_type(key_type):
    for pair in TYPE_NAMES:
        if key_type == public_type_of(pair):
            return TYPE_NAMES[pair] + ' public key'
    name = TYPE_NAMES.get(key_type, key_type)
    return name + ' pair' if public_type_of(key_type) else name


def types_in_order(types):
    order = list(TYPE_NAMES)
    for pair in TYPE_NAMES:
        order.insert(order.index(pair) + 1, public_type_of(pair))
    return sorted(types, key=lambda t: (order.index(t) if t in order else len(order), t))


def keys(record):
    """A row for each key type and way to get one; ways that give the same sizes share a row."""
    def cells(key_type, operation):
        return tuple(sizes({t.bits: mark for t, mark in record.worked[provider].items()
                            if (t.type, t.operation, t.kind) == (key_type, operation, 'none')})
                     for provider in record.providers)

    rows = []
    for key_type in types_in_order({t.type for t in record.tried if t.operation == 'import'}):
        ways = collections.defaultdict(list)
        for operation in ('generate', 'import', 'derive'):
            ways[cells(key_type, operation)].append(operation)
        rows += [[name_of_type(key_type), ', '.join(operations), *offered]
                 for offered, operations in ways.items() if set(offered) != {NOTHING}]
    yield '## Keys'
    yield ''
    yield from table(['key type', 'operation'] + record.providers, rows)


def is_public(key_type):
    return 'public-key' in key_type


def hashes(record):
    yield '## Hashes'
    yield ''
    cells = []
    for provider in record.providers:
        marks = {t.hash: mark for t, mark in record.worked[provider].items() if t.kind == 'hash'}
        cells.append(hash_list(marks))
    yield from table(['operation'] + record.providers, [['compute and compare'] + cells])


def hash_list(marks):
    ordered = {h: marks[h] for h in HASHES if h in marks}
    return ', '.join(HASH_NAMES[h] + mark for h, mark in ordered.items()) or NOTHING


def operations_in_words(operations):
    words, rest = [], set(operations)
    for word, parts in PAIRS.items():
        if rest.issuperset(parts):
            words.append(word)
            rest.difference_update(parts)
    words += [word for word in SINGLE if word in rest]
    words += sorted(rest.difference(SINGLE))
    return ', '.join(words).replace('-', ' a ')


def lengths_in_words(kind, hash_name, lengths, tried):
    """What of the tag or MAC is left: `lengths` work of those that were tried; None is all of it."""
    cut = sorted(length for length in lengths if length is not None)
    if not cut:
        return ''
    if kind in ('gcm', 'ccm', 'chacha20-poly1305'):
        return 'tags of ' + runs(cut) + ('' if None in lengths else ', named')
    whole = 'whole or ' if None in lengths else ''
    most = DIGEST_SIZES.get(hash_name, max(cut))
    if cut == sorted(l for l in tried if l is not None and 4 <= l <= most):
        return whole + 'cut to 4 bytes or more'
    return whole + 'cut to ' + runs(cut)


def runs(numbers):
    """4 8 12 13 14 → "4, 8, 12–14" """
    groups = []
    for number in numbers:
        if groups and groups[-1][-1] == number - 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return ', '.join(f'{g[0]}–{g[-1]}' if len(g) > 2 else ', '.join(map(str, g)) for g in groups)


def shared_operations(cells):
    """((provider, operations, ((bits, mark), …)), …): operations with the same sizes stand together."""
    by_operation = collections.defaultdict(dict)
    for provider, operation, bits, mark in sorted(cells):
        by_operation[(provider, operation)][bits] = mark
    shared = collections.defaultdict(list)
    for (provider, operation), marks in by_operation.items():
        shared[(provider, tuple(marks.items()))].append(operation)
    return tuple((provider, tuple(operations), marks)
                 for (provider, marks), operations in shared.items())


class Family:
    """One table: of each key type and algorithm what can be done, and with which sizes."""

    def __init__(self, record, title, kinds):
        self.record, self.title, self.kinds = record, title, kinds

    def lines(self):
        rows = list(self.rows())
        if not rows:
            return
        yield f'## {self.title}'
        yield ''
        yield from table(['key type', 'algorithm', 'operations'] + self.record.providers, rows)

    def rows(self):
        """Algorithms of one type that do the same with the same sizes share a row. A public key has
        rows of its own only where it does not what its pair leads to expect."""
        for key_type in types_in_order({t.type for t in self.record.tried if t.kind in self.kinds}):
            if is_public(key_type) and self.does_as_its_pair(key_type):
                continue
            shared = collections.defaultdict(list)
            for kind in self.kinds:
                for details, does in self.details(key_type, kind):
                    shared[(details, does)].append(KIND_NAMES.get(kind, kind))
            for (details, does), names in shared.items():
                by_operations = collections.defaultdict(dict)
                for provider, operations, marks in does:
                    by_operations[operations][provider] = sizes(dict(marks))
                for operations, cells in by_operations.items():
                    yield [name_of_type(key_type), ', '.join(names) + details,
                           operations_in_words(operations)] + [
                               cells.get(provider, NOTHING) for provider in self.record.providers]

    def does_as_its_pair(self, public_type):
        pair = next(t for t in TYPE_NAMES if public_type_of(t) == public_type)
        for worked in self.record.worked.values():
            def uses_of(key_type):
                return {t._replace(type=''): mark for t, mark in worked.items()
                        if t.type == key_type and t.kind in self.kinds and t.operation in PUBLIC}
            if uses_of(public_type) != uses_of(pair):
                return False
        return True

    def details(self, key_type, kind):
        """(what hashes and lengths, ((provider, operations, ((bits, mark), …)), …)) for each that
        differs in anything."""
        tried = [t for t in self.record.tried if (t.type, t.kind) == (key_type, kind)]
        alike = collections.defaultdict(dict)
        for hash_name in sorted({t.hash for t in tried}, key=lambda h: HASHES.index(h) if h else -1):
            mark, by_length = self.uses(key_type, kind, hash_name)
            lengths = collections.defaultdict(list)
            for length, cells in by_length.items():
                lengths[cells].append(length)
            for cells, of_cells in lengths.items():
                words = lengths_in_words(kind, hash_name, of_cells, {t.size for t in tried})
                alike[(words, shared_operations(cells))][hash_name] = mark
        for (words, does), marks in alike.items():
            details = [self.hashes_in_words(marks), words]
            yield ''.join(f'; {d}' for d in details if d), does

    def uses(self, key_type, kind, hash_name):
        """The mark of the hash, which is ° when nothing works with it otherwise, and
        {length: {(provider, operation, bits, mark), …}}."""
        by_length = collections.defaultdict(set)
        for provider in self.record.providers:
            for t, mark in self.record.worked[provider].items():
                if (t.type, t.kind, t.hash) == (key_type, kind, hash_name):
                    by_length[t.size].add((provider, t.operation, t.bits, mark))
        marks = {cell[-1] for cells in by_length.values() for cell in cells}
        if hash_name is None or marks != {DEPRECATED}:
            return '', {length: frozenset(cells) for length, cells in by_length.items()}
        return DEPRECATED, {length: frozenset((*cell[:-1], '') for cell in cells)
                            for length, cells in by_length.items()}

    def hashes_in_words(self, marks):
        if set(marks) == {None}:
            return ''
        every = {t.hash for worked in self.record.worked.values() for t in worked if t.kind == 'hash'}
        lacking = [h for h in HASHES if h in every and h not in marks]
        if len(lacking) > len(marks):
            return hash_list(marks)
        words = 'every hash' + ''.join(f' but {HASH_NAMES[h]}' if i == 0 else f', {HASH_NAMES[h]}'
                                       for i, h in enumerate(lacking))
        deprecated = [HASH_NAMES[h] + DEPRECATED for h, mark in marks.items() if mark]
        return words + (f' ({", ".join(deprecated)})' if deprecated else '')


def usual(record, provider):
    """What works without the setting, of software; what works at all, of a device."""
    return (t for t, mark in record.worked[provider].items() if provider in LIMITS or not mark)


def types_with(record, provider):
    """{pair or secret: sizes} that the provider makes or takes."""
    types = collections.defaultdict(set)
    for t in usual(record, provider):
        if t.operation in ('generate', 'import') and t.kind == 'none' and not is_public(t.type):
            types[t.type].add(t.bits)
    return types


def uses_of(record, provider):
    """{(type, kind): hashes} that work with some size."""
    uses = collections.defaultdict(set)
    for t in usual(record, provider):
        if t.type != 'none' and t.kind != 'none' and not is_public(t.type):
            uses[(t.type, t.kind)].add(t.hash)
    return uses


def gaps(record, provider):
    """What software does and the provider does not, in the words of LIMITS."""
    types, all_types = types_with(record, provider), types_with(record, 'software')
    for key_type, every in all_types.items():
        if key_type not in types:
            yield key_type
        elif every - types[key_type]:
            yield f'{key_type} sizes'
    uses, all_uses = uses_of(record, provider), uses_of(record, 'software')
    for (key_type, kind), every in all_uses.items():
        if key_type not in types:
            continue
        if (key_type, kind) in uses:
            if every - uses[(key_type, kind)]:
                yield f'{kind} hashes'
        elif any(used == kind for _, used in uses):
            yield f'{kind} with {key_type}'
        else:
            yield kind


def name_of_gap(record, provider, gap):
    if gap.endswith(' sizes'):
        key_type = gap.removesuffix(' sizes')
        missing = types_with(record, 'software')[key_type] - types_with(record, provider)[key_type]
        return f'{name_of_type(key_type)} of {", ".join(map(str, sorted(missing)))} bits'
    if gap.endswith(' hashes'):
        return f'{KIND_NAMES[gap.removesuffix(" hashes")]} with other hashes than above'
    if ' with ' in gap:
        kind, key_type = gap.split(' with ')
        return f'{KIND_NAMES[kind]} with {name_of_type(key_type)}'
    return KIND_NAMES.get(gap) or name_of_type(gap)


def limits(record):
    devices = [provider for provider in record.providers if provider in LIMITS]
    for provider in devices:
        found = set(gaps(record, provider))
        reasons = {gap: why for why, gaps_of_it in LIMITS[provider].items() for gap in gaps_of_it}
        if found != set(reasons):
            sys.exit(f'{provider} leaves out {sorted(found - set(reasons))} without a reason in LIMITS, '
                     f'and has {sorted(set(reasons) - found)} all the same')
        yield f'## What {DEVICES[provider]} leaves out of what software does'
        yield ''
        for why, gaps_of_it in LIMITS[provider].items():
            names = '; '.join(name_of_gap(record, provider, gap) for gap in gaps_of_it)
            yield f'* {names}: {why}.'
        yield from (f'* {what}: {why}.' for what, why in BESIDE[provider].items())
        yield ''


def lacking(record):
    """What was tried with every provider and worked with none."""
    worked = [t for of_one in record.worked.values() for t in of_one]
    types = {(t.type, t.bits) for t in worked if t.operation in ('generate', 'import')}
    tried = {(t.type, t.bits) for t in record.tried if t.operation == 'import'}
    yield '## Tried, and offered by no provider'
    yield ''
    hashes_that_work = {t.hash for t in worked if t.kind == 'hash'}
    yield '* Hashes: ' + ', '.join(HASH_NAMES[h] for h in HASHES if h not in hashes_that_work) + '.'
    for key_type in types_in_order({t for t, _ in tried if not is_public(t)}):
        if missing := sorted(bits for t, bits in tried - types if t == key_type):
            yield f'* {name_of_type(key_type)} of {", ".join(map(str, missing))} bits.'
    usable = types_in_order({t for t, _ in types if not is_public(t)})
    for of_family in FAMILIES.values():
        yield from lacking_in(record, of_family, usable, {(t.type, t.kind) for t in worked})
    yield ''


def lacking_in(record, kinds, types, works):
    tried = {(t.type, t.kind) for t in record.tried}
    without = collections.defaultdict(list)
    for key_type in types:
        missing = tuple(k for k in kinds if (key_type, k) in tried - works)
        if missing:
            without[missing].append(name_of_type(key_type))
    for missing, of_types in without.items():
        names = '; '.join(KIND_NAMES.get(k, k) for k in missing)
        yield f'* {names}: with {", ".join(of_types)}.'


HEAD = '''# Coverage

What of the contract each provider does. `./dev coverage` writes this page from a run of the conformance suite, which
executes every combination of key type, size, algorithm and usage through the socket of a daemon, with and without
`[service] allow_deprecated`, and compares what happens with what CanDoCrypto has said. A test fails when the page is not
what the run finds. It is of {library}, as Debian builds it, of the TPM that swtpm is, and of a token of SoftHSM
(pkcs11); others may have more or less.

* Numbers are sizes in bits. Of raw data, HMAC, ARC4 and secrets to derive from, which have any number of bytes, a few
  sizes stand for the rest.
* ° works only with `allow_deprecated = true`, which lets deprecated keys be generated and loads OpenSSL's legacy provider
  for MD4, single DES and ARC4. Other deprecated keys can be imported and used without it.
* Devices are tried without that setting alone; with it, RSA pairs of 1024 bits are generated, too, and by the token DES
  keys of 128 and 192 bits and keys on curves of 160 and 163 bits.
* A public key does what its pair does without the private half: verify, encrypt, wrap.
* *Every hash* means those of the table of hashes. Behind an agreement derivation was tried with one hash, which stands for
  all that work in a derivation by itself.
* What is not here is answered with PsaErrorNotSupported (1134). What a device leaves out of what software does, and why,
  and what was tried in vain, are at the end.
'''


def document(lines):
    record = Record(lines)
    text = HEAD.format(library=record.library).split('\n')
    text += itertools.chain(keys(record), hashes(record))
    for title, kinds in FAMILIES.items():
        text += Family(record, title, kinds).lines()
    text += limits(record)
    text += lacking(record)
    return '\n'.join(text).rstrip('\n') + '\n'


def run(program, *options):
    """The record of a run."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'record'
        ended = subprocess.run([program, '--gtest_filter=' + CASES, '--gtest_brief=1', *options],
                               env=os.environ | {'STRONGROOM_COVERAGE_RECORD': str(path)}, check=False)
        if ended.returncode != 0:
            sys.exit('what CanDoCrypto says is not what happens')
        return path.read_text(encoding='utf-8').splitlines()


def main(task, program, page):
    page = pathlib.Path(page)
    for simulator in ('swtpm', 'softhsm2-util'):
        if not shutil.which(simulator):
            print(f'needs {simulator}, for the column of its device')
            sys.exit(SKIPPED)
    if task == 'write':
        page.write_text(document(run(program)), encoding='utf-8')
        return
    # Where dev.d/report.py looks for the results of googletest programs.
    found = document(run(program, '--gtest_output=xml:coverage.xml'))
    committed = page.read_text(encoding='utf-8') if page.exists() else ''
    if found != committed:
        print(*difflib.unified_diff(committed.splitlines(), found.splitlines(), str(page), 'found',
                                    lineterm=''), sep='\n')
        sys.exit(f'{page} is stale: ./dev coverage writes it anew')


if __name__ == '__main__':
    main(*sys.argv[1:])
