"""What an operator sees of a TPM, and decides about it."""

import os
import time

import contract
import device
import device_cases
import runner
import swtpm
import wire
from daemon import ALICE

@swtpm.needs_swtpm
class OperatorCase(swtpm.WithTpm, device.OperatorCase):
    pass


class Status(device_cases.StatusOfADevice, OperatorCase):
    def test_names_the_group_that_a_closed_device_takes(self):
        closed = self.place.write('tpmrm0', b'')
        os.chmod(closed, 0)
        self.tpm.tcti = f'device:{closed}'
        self.start()
        reason = self.shown()[1]['reason']
        self.assertIn(closed, reason)
        self.assertIn('SupplementaryGroups=tss', reason)


class AnotherRoot(device_cases.AnotherDevice, OperatorCase):
    def test_is_accepted_of_devices_alone(self):
        for name, exit_code in (('software', 8), ('nobody', 5)):
            for words in (('accept-root', name, '--yes'), ('unlock', name)):
                code, _, said = self.run_as_operator('provider', *words)
                self.assertEqual(code, exit_code)
                self.assertIn("provider 'NAME'".replace('NAME', name), said)
                self.assertNotIn('key', said)
        code, _, _ = self.run_as_operator('provider', 'accept-root', 'tpm')
        self.assertEqual(code, 2)  # nobody to ask


class Password(OperatorCase):
    REFUSED = "the owner hierarchy's password is wrong"

    def setUp(self):
        super().setUp()
        self.tpm.set_owner_password(b'correct horse')
        self.write('battery staple\n')

    def write(self, password, mode=0o600):
        path = self.write_secret('owner', password, mode)
        self.owner_auth = f'owner_auth = "file:{path}"'

    def wait_until_it_serves(self):
        self.wait_until('up')
        self.succeed_tpm(contract.generate('web'))
        self.assertTrue(self.signs())

    def test_that_is_right_from_the_start(self):
        self.write('correct horse\n')
        self.start(self.owner_auth)
        self.wait_until_it_serves()

    def test_that_is_wrong_is_told_until_another_stands_there(self):
        self.start(self.owner_auth)
        code, seen = self.shown()
        self.assertEqual(code, 11)
        self.assertIn(self.REFUSED, seen['reason'])
        self.assertIn('strongroom provider unlock', seen['reason'])
        self.assertNotIn('battery', self.place.read_log())
        self.write('correct horse')
        self.wait_until_it_serves()

    def test_that_was_refused_is_not_tried_after_a_restart_either(self):
        self.start(self.owner_auth)
        self.assertIn(self.REFUSED, self.shown()[1]['reason'])
        self.daemon.stop()
        # It would be right now, and nobody finds out.
        self.tpm.set_owner_password(b'battery staple', b'correct horse')
        self.start(self.owner_auth)
        self.assertIn(self.REFUSED, self.shown()[1]['reason'])
        time.sleep(1)
        self.assertIn(self.REFUSED, self.shown()[1]['reason'])
        code, _, said = self.unlock()
        self.assertEqual(code, 0, said)
        self.wait_until_it_serves()

    def test_that_is_refused_again_after_it_was_unlocked(self):
        self.start(self.owner_auth)
        code, _, said = self.unlock()
        self.assertEqual(code, 10)
        self.assertIn('refused', said)
        self.daemon.stop()
        self.tpm.set_owner_password(b'battery staple', b'correct horse')
        self.start(self.owner_auth)
        self.assertIn(self.REFUSED, self.shown()[1]['reason'])

    def test_that_everybody_may_read_is_not_used(self):
        self.write('correct horse', 0o644)
        self.start(self.owner_auth)
        reason = self.wait_until('down')['reason']
        self.assertIn("reading 'owner_auth' of provider 'tpm': secret file", reason)
        self.assertIn('mode 0644 lets others in, want 0600', reason)
        self.succeed(ALICE, contract.generate('beside'))
        self.write('correct horse')
        self.wait_until_it_serves()

    def test_that_cannot_be_read_stops_the_start_of_a_required_provider(self):
        self.write('correct horse', 0o644)
        path = self.configure(f'required = true\n{self.owner_auth}')
        code, _, said = self.place.run_daemon('--config', path)
        self.assertEqual(code, 1)
        self.assertIn("reading 'owner_auth' of provider 'tpm': secret file", said)

    def test_that_cannot_be_read_is_told_of_by_a_check(self):
        self.write('correct horse', 0o644)
        path = self.configure(self.owner_auth)
        code, _, said = self.place.run_daemon('--config', path, '--check-config')
        self.assertEqual(code, 78)
        self.assertIn("'owner_auth' of provider 'tpm': ", said)
        self.assertIn('mode 0644 lets others in, want 0600', said)
        code, _, said = self.run_as_operator('config', 'check', path)
        self.assertEqual(code, 9)
        self.assertIn('mode 0644 lets others in, want 0600', said)

    def test_that_is_a_credential(self):
        folder = self.place.make_directory('credentials', os.stat(self.place.state).st_uid)
        with open(os.path.join(folder, 'tpm-owner'), 'w', encoding='ascii') as file:
            file.write('correct horse')
        os.chmod(os.path.join(folder, 'tpm-owner'), 0o440)
        os.chown(os.path.join(folder, 'tpm-owner'), os.stat(self.place.state).st_uid, -1)
        path = self.configure('required = true\nowner_auth = "credential:tpm-owner"')
        code, _, said = self.place.run_daemon('--config', path)
        self.assertEqual(code, 1)
        self.assertIn("credential 'tpm-owner': the service manager has given none", said)
        self.daemon = self.place.start('--config', path,
                                       environment={'CREDENTIALS_DIRECTORY': folder})
        self.wait_until_it_serves()


class Reload(OperatorCase):
    def reload(self, rest):
        self.configure(rest)
        return self.run_as_operator('admin', 'reload')

    def test_of_another_interface_or_root_needs_a_restart(self):
        self.start()
        for change, key in ((f'root = "rsa-2048"', 'root'),):
            code, _, said = self.reload(change)
            self.assertEqual(code, 1)
            self.assertIn(f"needs restart: [[provider]] 'tpm' {key}", said)

    def test_of_another_password_is_applied_and_keeps_the_provider(self):
        self.start()
        self.succeed_tpm(contract.generate('web'))
        path = os.path.join(self.place.state, 'owner')
        code, _, said = self.reload(f'owner_auth = "file:{path}"')
        self.assertEqual(code, 1)
        self.assertIn("reading 'owner_auth' of provider 'tpm'", said)
        self.assertTrue(self.signs())
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), 'w', encoding='ascii') as file:
            file.write('correct horse')
        os.chown(path, os.stat(self.place.state).st_uid, -1)
        code, _, said = self.reload(f'owner_auth = "file:{path}"')
        self.assertEqual(code, 0, said)
        self.assertEqual(self.told("provider 'tpm' is up"), 1)
        self.tpm.set_owner_password(b'correct horse')
        self.tpm.reset()  # the root has to be made anew
        self.assertTrue(self.signs())

    def test_of_what_software_offers_leaves_the_tpm_alone(self):
        self.start()
        self.succeed_tpm(contract.generate('web'))
        self.configure(service='strict = false\nallow_deprecated = true')
        code, _, said = self.run_as_operator('admin', 'reload')
        self.assertEqual(code, 0, said)
        self.assertTrue(self.signs())
        self.assertEqual(self.told("provider 'tpm' is up"), 1)

    def test_does_not_have_two_providers_use_one_tpm(self):
        self.start()
        self.succeed_tpm(contract.generate('web'))
        code, _, said = self.reload('name = "chip"')
        self.assertEqual(code, 1)
        self.assertIn("needs restart: provider 'chip' has the TPM of provider 'tpm'", said)
        self.assertTrue(self.signs())

    def test_adds_and_removes_a_tpm(self):
        self.start()
        self.succeed_tpm(contract.generate('web'))
        without = self.place.configuration(
            sockets=f'[[socket]]\npath = "{self.place.socket}"\nmode = "0666"\n'
                    f'[[socket]]\npath = "{self.place.admin_socket}"\nmode = "0660"\nadmin = true\n',
            rest=f'[admin]\nuids = [{os.geteuid()}]\ngroups = []\n')
        self.assertEqual(without, self.configuration)
        code, _, said = self.run_as_operator('admin', 'reload')
        self.assertEqual(code, 0, said)
        self.assertNotEqual(self.ask_tpm(contract.sign_hash('web')).status, wire.SUCCESS)
        self.succeed(ALICE, contract.generate('beside'))
        code, _, said = self.reload('')
        self.assertEqual(code, 0, said)
        self.wait_until('up')
        self.assertTrue(self.signs())


if __name__ == '__main__':
    runner.main()
