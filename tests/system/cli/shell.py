"""Sessions that go back and forth between strongroom, openssl and ssh-keygen."""

import os
import pty
import shutil
import subprocess
import unittest

from daemon import SharedCase, become, programs

LETTER = b'Dear bank, please move everything to the vault.\n'

needs_ssh_keygen = unittest.skipUnless(shutil.which('ssh-keygen'), 'needs ssh-keygen')


class ShellCase(SharedCase):
    """Alice at her shell, with files of her own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.write('letter', LETTER)
        cls.alice.write('other', LETTER + b'PS: today.\n')
        cls.alice.write('secret word', b'open sesame\n')

    def strongroom(self, *words, **how):
        return self.run_ok(self.alice, *words, **how)

    def refused(self, code, *words, **how):
        """What the command says as it fails with that code."""
        failed_with, out, said = self.alice.run(*words, **how)
        self.assertEqual((failed_with, out), (code, b''), said)
        return said

    def shell(self, *words, **how):
        """Another program, which has to succeed; gives its output."""
        code, out, said = self.alice.execute(*words, **how)
        self.assertEqual(code, 0, (words, said))
        return out

    def openssl(self, *words, **how):
        return self.shell('openssl', *words, **how)

    def ssh_keygen(self, *words):
        """As the user who runs the tests: it refuses to run as one without a name."""
        done = subprocess.run(['ssh-keygen', '-q', *words], cwd=self.alice.home, check=True,
                              capture_output=True, stdin=subprocess.DEVNULL)
        return done.stdout

    def ssh_public_key(self, private_file):
        """The line for a PEM file, which has to be private for ssh-keygen to read it."""
        subprocess.run(['install', '-m', '600', private_file, 'private'], cwd=self.alice.home,
                       check=True)
        return self.ssh_keygen('-y', '-f', 'private')

    def ecc_key(self, file, curve='prime256v1'):
        self.openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', f'ec_paramgen_curve:{curve}',
                     '-out', file)

    def rsa_key(self, file, bits=2048):
        self.openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', f'rsa_keygen_bits:{bits}',
                     '-out', file)

    def pkcs8(self, file):
        return self.openssl('pkcs8', '-topk8', '-nocrypt', '-in', file, '-outform', 'DER')

    def public_half(self, file):
        return self.openssl('pkey', '-in', file, '-pubout')

    def is_in_as(self, name, private_file):
        """The service's key is the one of that file; it is then deleted."""
        self.assertEqual(self.strongroom('key', 'export-public', '--', name),
                         self.public_half(private_file))
        self.strongroom('key', 'delete', '--', name)

    def at_the_terminal(self, *words, answer=None):
        """Runs the client at a terminal of its own, and types `answer` when it asks; gives exit
        code and what the terminal showed."""
        pid, terminal = pty.fork()
        if pid == 0:
            become(self.alice.uid)()
            os.chdir(self.alice.home)
            command = [programs.client, '--socket', self.place.socket, '--insecure-socket', *words]
            os.execve(programs.client, command, self.alice.environment)
        shown = b''
        try:
            while more := os.read(terminal, 1024):
                shown += more
                if answer and b'Passphrase' in shown:
                    os.write(terminal, answer)
                    answer = None
        except OSError:  # how Linux tells that the other side is closed
            pass
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown
