"""Keys in a TPM, through the daemon's socket."""

import contract
import runner
import swtpm
import wire


@swtpm.needs_swtpm
class Keys(swtpm.Case):
    def test_sign_and_verify_through_the_socket(self):
        self.start()
        self.succeed_tpm(contract.generate('web'))
        signature = dict(wire.fields_of(self.succeed_tpm(contract.sign_hash('web'))))[1]
        self.assertEqual(len(signature), 64)
        self.succeed_tpm(contract.verify_hash('web', signature))

    def test_outlive_the_daemon(self):
        self.start()
        self.succeed_tpm(contract.generate('web'))
        self.daemon.stop()
        self.start()
        self.succeed_tpm(contract.sign_hash('web'))


if __name__ == '__main__':
    runner.main()
