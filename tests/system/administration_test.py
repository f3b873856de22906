"""Administration needs both the socket for it and a right to it."""

import contract
import runner
import wire
from daemon import ALICE, BOB, CAROL, SharedCase, acting_as, needs_root

ADMINISTRATORS = 64010  # a group

LIST_CLIENTS = (contract.LIST_CLIENTS, b'')


def delete_client(uid):
    return contract.DELETE_CLIENT, wire.message((1, str(uid)))


class Administration(SharedCase):
    @classmethod
    def start_daemon(cls):
        place = cls.place
        # Whoever may open the socket for administration, uid and group have to do for themselves.
        return place.start('--config', place.configuration(
            service='strict = false',
            sockets=f'[[socket]]\npath = "{place.socket}"\nmode = "0666"\n'
                    f'[[socket]]\npath = "{place.admin_socket}"\nmode = "0666"\nadmin = true\n',
            rest=f'[admin]\nuids = [{CAROL}]\ngroups = [{ADMINISTRATORS}]\n'))

    def test_an_administrator_lists_clients_on_the_socket_for_it(self):
        self.succeed(ALICE, contract.generate('listed'))
        clients = self.succeed(CAROL, LIST_CLIENTS, socket=self.place.admin_socket)
        self.assertIn(str(ALICE), wire.texts_in(clients, 1))

    def test_an_administrator_is_none_on_another_socket(self):
        for request in (LIST_CLIENTS, delete_client(ALICE)):
            self.assertEqual(self.status(CAROL, request), wire.ADMIN_OPERATION)

    @needs_root
    def test_others_are_refused_on_the_socket_for_administration(self):
        self.succeed(ALICE, contract.generate('kept'))
        for uid in (ALICE, BOB, 0):
            for request in (LIST_CLIENTS, delete_client(ALICE)):
                self.assertEqual(self.status(uid, request, socket=self.place.admin_socket),
                                 wire.ADMIN_OPERATION, uid)
        self.succeed(ALICE, contract.sign_hash('kept'))

    @needs_root
    def test_an_administrator_finds_no_key_of_others(self):
        self.succeed(ALICE, contract.generate('hers'))
        for path in (self.place.socket, self.place.admin_socket):
            self.assertEqual(self.status(CAROL, contract.sign_hash('hers'), socket=path),
                             wire.DOES_NOT_EXIST)

    @needs_root
    def test_a_member_of_an_administrative_group_administrates(self):
        with acting_as(BOB, groups=[ADMINISTRATORS]):
            answer = wire.ask(self.place.admin_socket, wire.frame(*LIST_CLIENTS))
        self.assertEqual(answer.status, wire.SUCCESS)

    @needs_root
    def test_deleting_a_client_deletes_its_keys_alone(self):
        for uid in (ALICE, BOB):
            self.succeed(uid, contract.generate('doomed'))
        self.succeed(CAROL, delete_client(ALICE), socket=self.place.admin_socket)
        self.assertEqual(self.succeed(ALICE, (contract.LIST_KEYS, b'')), b'')
        self.assertEqual(self.status(ALICE, contract.sign_hash('doomed')), wire.DOES_NOT_EXIST)
        self.succeed(BOB, contract.sign_hash('doomed'))
        clients = self.succeed(CAROL, LIST_CLIENTS, socket=self.place.admin_socket)
        self.assertNotIn(str(ALICE), wire.texts_in(clients, 1))
        self.assertIn(str(BOB), wire.texts_in(clients, 1))

    def test_nobody_administrates_without_an_identity(self):
        for request in (LIST_CLIENTS, delete_client(ALICE)):
            self.assertEqual(self.status(CAROL, request, socket=self.place.admin_socket,
                                         auth_type=wire.NO_AUTH), wire.NOT_AUTHENTICATED)


if __name__ == '__main__':
    runner.main()
