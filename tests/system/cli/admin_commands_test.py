"""Sessions of an administrator at the command line."""

import json
import os
import sqlite3
import time

import contract
import json_schema
import runner
from daemon import ALICE, BOB, CAROL, Case, acting_as, needs_root


class AdministratorCase(Case):
    def setUp(self):
        super().setUp()
        self.carol = self.session(CAROL, 'carol')
        self.alice = self.session(ALICE, 'alice')

    def write_configuration(self, limits=''):
        return self.place.configuration(
            service='strict = false',
            sockets=f'[[socket]]\npath = "{self.place.socket}"\nmode = "0666"\n'
                    f'[[socket]]\npath = "{self.place.admin_socket}"\nmode = "0666"\n'
                    'admin = true\n',
            rest=f'[admin]\nuids = [{CAROL}]\ngroups = []\n{limits}')

    def start(self):
        return self.place.start('--config', self.write_configuration())

    def run_as_carol(self, *words, **how):
        return self.carol.run(*words, socket=self.place.admin_socket, **how)

    def store_has_been_checked(self):
        """The daemon serves before it is done with that."""
        for _ in range(200):
            if b'being checked' not in self.run_as_carol('status')[1]:
                return
            time.sleep(0.05)

    def assert_documented(self, command, *more, code=0):
        got, out, _ = self.run_as_carol(*command.split(), *more, '--json')
        self.assertEqual(got, code, out)
        self.assertEqual(json_schema.problems_of(command, out), [])
        return json.loads(out)

    def damage(self, name):
        """As one who may write the file, while the daemon runs."""
        with acting_as(os.stat(self.place.state).st_uid):
            database = sqlite3.connect(os.path.join(self.place.state, 'keys.db'))
            with database:
                database.execute('UPDATE key SET created = created + 1 WHERE name = ?',
                                 (name.encode(),))
            database.close()


class Status(AdministratorCase):
    def test_a_healthy_service(self):
        self.start()
        self.store_has_been_checked()
        code, out, said = self.run_as_carol('status')
        self.assertEqual((code, said), (0, ''))
        for words in (b'version:', b'running for:', b'generation 1', b'healthy', b'LANE'):
            self.assertIn(words, out)
        status = self.assert_documented('status')
        self.assertFalse(status['degraded'])
        self.assertEqual([lane['name'] for lane in status['lanes']][:2], ['core', 'admin'])

    @needs_root
    def test_who_is_no_administrator_is_told_where_they_are(self):
        self.start()
        for socket in (self.place.socket, self.place.admin_socket):
            code, out, said = self.alice.run('status', socket=socket)
            self.assertEqual((code, out), (4, b''))
            self.assertIn('only administrators may do this', said)
            self.assertIn('strongroom-admin', said)


class Reload(AdministratorCase):
    def test_what_has_changed_is_in_force_when_the_command_returns(self):
        self.start()
        self.write_configuration('[limits]\nbody_bytes = "2KiB"\n')
        code, out, said = self.run_as_carol('admin', 'reload')
        self.assertEqual((code, said), (0, ''))
        self.assertIn(b'applied', out)
        self.assertIn(b'generation: 2', out)
        self.assertIn(b'body_bytes', out)
        code, _, said = self.alice.run('hash', '--service', stdin=bytes(4096))
        self.assertEqual(code, 9)
        self.assertIn('larger than the service allows', said)
        self.assertEqual(self.assert_documented('admin reload')['generation'], 3)
        last = self.assert_documented('status')['last_reload']
        self.assertEqual((last['outcome'], last['message']), ('applied', 'nothing has changed'))

    def test_a_refused_one_says_why_and_changes_nothing(self):
        self.start()
        self.write_configuration('[limits]\nconections = 3\n')
        code, out, said = self.run_as_carol('admin', 'reload')
        self.assertEqual((code, out), (1, b''))
        self.assertIn("did you mean 'connections'?", said)
        self.assertIn('goes on as it was', said)
        self.assertEqual(self.assert_documented('admin reload', code=1)['outcome'], 'refused')
        self.assertEqual(self.assert_documented('status')['configuration_generation'], 1)

    def test_beside_signals_each_question_has_its_answer(self):
        daemon = self.start()
        for _ in range(5):
            daemon.signal(1)
            code, out, _ = self.run_as_carol('admin', 'reload')
            self.assertEqual(code, 0, out)

    def test_a_service_that_stops_leaves_nobody_waiting(self):
        daemon = self.start()
        self.assertEqual(self.run_as_carol('admin', 'reload')[0], 0)
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.run_as_carol('admin', 'reload')[0], 3)


class Fsck(AdministratorCase):
    def test_a_store_that_is_whole(self):
        self.start()
        self.succeed(ALICE, contract.generate('web'))
        self.assertEqual(self.run_as_carol('fsck'), (0, b'1 record, 1 verified, 0 findings\n', ''))
        self.assertEqual(self.assert_documented('fsck')['verified'], 1)

    def test_a_damaged_row_is_found_while_serving_and_accepted(self):
        self.start()
        for name in ('web', 'mail'):
            self.succeed(ALICE, contract.generate(name))
        self.assertEqual(self.run_as_carol('status')[0], 0)
        self.damage('web')
        code, out, said = self.run_as_carol('fsck')
        self.assertEqual(code, 11)
        self.assertIn(b"unreadable: key 'web' of application", out)
        self.assertIn(b'head-differs: ', out)
        self.assertIn(b'2 records, 1 verified, 2 findings\n', out)
        self.assertIn('strongroomd --fsck', said)
        self.succeed(ALICE, contract.sign_hash('mail'))
        code, _, said = self.run_as_carol('status')
        self.assertEqual(code, 11)
        self.assertIn('strongroom fsck', said)
        self.assertEqual(self.run_as_carol('fsck', '--accept')[0], 2)
        kinds = [finding['kind'] for finding in
                 self.assert_documented('fsck', '--accept', '--yes')['findings']]
        self.assertEqual(sorted(kinds), ['head-differs', 'unreadable'])
        code, out, _ = self.run_as_carol('status')
        self.assertEqual(code, 0)
        self.assertIn(b'healthy, 1 records accepted as unreadable', out)
        self.assertEqual(self.run_as_carol('fsck')[0], 0)
        code, _, said = self.alice.run('sign', 'mail', stdin=b'x')
        self.assertEqual((code, said), (0, ''))
        self.succeed(ALICE, contract.generate('new'))

    def test_what_was_accepted_stays_so_after_a_restart(self):
        daemon = self.start()
        self.succeed(ALICE, contract.generate('web'))
        self.damage('web')
        self.assertEqual(self.run_as_carol('fsck', '--accept', '--yes')[0], 0)
        self.assertEqual(daemon.stop(), 0)
        code, out, _ = self.place.run_daemon('--config', self.write_configuration(), '--fsck')
        self.assertEqual(code, 0, out)
        self.assertIn('unreadable: ', out)
        self.assertNotIn('head-differs', out)
        self.start()
        self.assertEqual(self.run_as_carol('status')[0], 0)


class Clients(AdministratorCase):
    def test_they_are_listed_and_deleted(self):
        self.start()
        self.succeed(ALICE, contract.generate('doomed'))
        self.assertIn(str(ALICE), [client['client'] for client in
                                   self.assert_documented('admin clients')])
        code, _, said = self.run_as_carol('admin', 'delete-client', str(ALICE))
        self.assertEqual(code, 2)
        self.assertIn('--yes', said)
        self.assertEqual(self.run_as_carol('admin', 'delete-client', str(ALICE), '--yes'),
                         (0, b'', ''))
        self.assertEqual(self.alice.run('key', 'list'), (0, b'', ''))
        code, _, said = self.run_as_carol('admin', 'delete-client', str(ALICE), '--yes')
        self.assertEqual(code, 5)
        self.assertIn("'strongroom admin clients' lists them", said)

    @needs_root
    def test_one_alone_is_deleted(self):
        self.start()
        for uid in (ALICE, BOB):
            self.succeed(uid, contract.generate('web'))
        self.assertEqual(self.run_as_carol('admin', 'delete-client', str(ALICE), '--yes')[0], 0)
        self.succeed(BOB, contract.sign_hash('web'))


class Configuration(AdministratorCase):
    def check(self, text):
        path = self.place.write('strongroom.toml', text, uid=CAROL)
        return path, self.carol.run('config', 'check', path)

    def test_it_is_the_daemons_own_check(self):
        for text in ('[limits]\nconections = 1\n', 'nonsense', '[service]\nworkers = "many"\n'):
            path, (code, out, said) = self.check(text)
            self.assertEqual((code, out), (9, b''))
            done = self.place.run_daemon('--config', path, '--check-config', uid=CAROL)
            self.assertEqual(said.splitlines()[:-1], done[2].splitlines())

    def test_a_good_one(self):
        path = self.write_configuration()
        self.assertEqual(self.carol.run('config', 'check', path), (0, b'no problem found\n', ''))
        out = self.carol.run('config', 'check', path, '--json')[1]
        self.assertEqual(json_schema.problems_of('config check', out), [])
        path, (code, _, _) = self.check('nonsense')
        self.assertEqual(code, 9)
        out = self.carol.run('config', 'check', path, '--json')[1]
        self.assertEqual(json_schema.problems_of('config check', out), [])


if __name__ == '__main__':
    runner.main()
