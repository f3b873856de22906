"""coverage.py loses nothing of its record, and says what the record says."""

import unittest
from unittest import mock

import coverage


def line(answer, operation, key_type, bits, algorithm, mode='default', provider='software'):
    return '\t'.join([provider, 'socket', mode, answer, operation, key_type, str(bits), algorithm])


def combinations():
    """What a provider with AES-GCM and ECDSA leaves, in both modes."""
    for mode in ('default', 'deprecated'):
        yield line('yes', 'import', 'aes', 128, 'none', mode)
        yield line('yes', 'hash', 'none', 0, 'sha256', mode)
        for algorithm in ('gcm', 'gcm-tag-4', 'gcm-tag-8', 'gcm-tag-16'):
            yield line('yes', 'encrypt', 'aes', 128, algorithm, mode)
        for operation in ('sign-hash', 'sign-message', 'verify-hash', 'verify-message'):
            for bits in (256, 384):
                yield line('yes', operation, 'ecc-secp-r1', bits, 'ecdsa-sha256', mode)
    yield line('no', 'hash', 'none', 0, 'md4')
    yield line('yes', 'hash', 'none', 0, 'md4', 'deprecated')


class Coverage(unittest.TestCase):
    def test_no_combination_is_lost_unseen(self):
        lines = list(combinations())
        page = coverage.document(lines)
        for lost in lines:
            by_default_only = [each for each in lines if each != lost]
            in_both_modes = [each for each in lines if each.split('\t')[4:] != lost.split('\t')[4:]]
            with self.subTest(lost):
                if '\tdefault\tyes' in lost:
                    self.assertNotEqual(page, coverage.document(by_default_only))
                self.assertNotEqual(page, coverage.document(in_both_modes))

    def test_sizes_and_lengths_are_told(self):
        page = coverage.document(combinations())
        self.assertIn('| AES | GCM; tags of 4, 8, 16 | encrypt | 128 |', page)
        self.assertIn('| ECC SECP R1 pair | ECDSA; every hash but MD4 | sign, verify | 256 384 |', page)

    def test_what_needs_the_setting_is_marked(self):
        self.assertIn('| MD4°, SHA-256 |', coverage.document(combinations()))

    def test_a_second_provider_has_a_column(self):
        page = coverage.document(list(combinations()) + [
            line('yes', 'encrypt', 'aes', 128, 'gcm-tag-16', provider='other')])
        self.assertIn('| key type | algorithm | operations | software | other |', page)

    def test_what_a_device_leaves_out_has_a_reason(self):
        device = [line('yes', 'import', 'aes', 128, 'none', provider='box'),
                  line('yes', 'encrypt', 'aes', 128, 'ctr', provider='box')]
        lines = list(combinations()) + device + [
            line('yes', 'import', 'aes', 256, 'none'), line('yes', 'import', 'raw', 8, 'none')]
        reasons = {'it is small': ['aes sizes'], 'it has no room': ['raw', 'gcm']}
        with mock.patch.multiple(coverage, LIMITS={'box': reasons}, DEVICES={'box': 'the box'},
                                 BESIDE={'box': {'export': 'it is shut'}}):
            page = coverage.document(lines)
            self.assertIn('## What the box leaves out', page)
            self.assertIn('* AES of 256 bits: it is small.\n', page)
            self.assertIn('* raw data; GCM: it has no room.\n', page)
            self.assertIn('* export: it is shut.\n', page)
            reasons['it has no room'].remove('gcm')
            with self.assertRaisesRegex(SystemExit, r"\['gcm'\] without a reason"):
                coverage.document(lines)
            reasons['it has no room'] += ['gcm', 'ctr']
            with self.assertRaisesRegex(SystemExit, r"has \['ctr'\] all the same"):
                coverage.document(lines)

    def test_what_has_no_name_here_is_told_by_its_own(self):
        page = coverage.document(list(combinations()) + [line('yes', 'import', 'kyber', 768, 'none')])
        self.assertIn('| kyber |', page)


if __name__ == '__main__':
    unittest.main()
