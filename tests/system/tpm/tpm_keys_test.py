"""Keys in a TPM, through the daemon's socket."""

import contract
import runner
import swtpm
import wire
from daemon import ALICE
from swtpm import TPM


@swtpm.needs_swtpm
class Keys(swtpm.Case):
    def setUp(self):
        super().setUp()
        self.start()

    def test_sign_and_verify_through_the_socket(self):
        self.succeed_there(contract.generate('web'))
        signature = dict(wire.fields_of(self.succeed_there(contract.sign_hash('web'))))[1]
        self.assertEqual(len(signature), 64)
        self.succeed_there(contract.verify_hash('web', signature))

    def succeed_there(self, request):
        response = self.ask(ALICE, request, provider=TPM)
        self.assertEqual(response.status, wire.SUCCESS)
        return response.body


if __name__ == '__main__':
    runner.main()
