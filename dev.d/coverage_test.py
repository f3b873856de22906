"""coverage.py loses nothing of its record, and says what the record says."""

import unittest

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
            line('yes', 'encrypt', 'aes', 128, 'gcm-tag-16', provider='tpm')])
        self.assertIn('| key type | algorithm | operations | software | tpm |', page)

    def test_what_has_no_name_here_is_told_by_its_own(self):
        page = coverage.document(list(combinations()) + [line('yes', 'import', 'kyber', 768, 'none')])
        self.assertIn('| kyber |', page)


if __name__ == '__main__':
    unittest.main()
