"""The C interface of libstrongroom against a real service, from C and from another language."""

import ctypes
import glob
import os
import re
import select
import shutil
import subprocess
import tempfile
import unittest

import runner
from daemon import CAROL, Case, SharedCase, programs

SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
DUMP = os.path.join(SOURCE, 'client', 'abi', 'libstrongroom.abi')
NODE = 'STRONGROOM_0.1'


def session_program():
    build = os.path.dirname(os.path.dirname(os.path.realpath(programs.built[0])))
    return os.path.join(build, 'tests', 'c_api', 'c_api_session')


def dump_of(library):
    return subprocess.run([os.path.join(SOURCE, 'dev.d', 'abi.sh'), library], capture_output=True,
                          text=True, check=True).stdout


def symbols(*words):
    return subprocess.run(['nm', '--dynamic', *words], capture_output=True, text=True,
                          check=True).stdout


def shown_functions():
    return re.findall(rf' T (\w+)@@{re.escape(NODE)}$',
                      symbols('--defined-only', programs.built[2]), re.MULTILINE)


def calls_that_can_fail(first_argument=''):
    """Without their prefix, those that return a status and take an error."""
    headers = glob.glob(os.path.join(SOURCE, 'client/include/strongroom/c/*.h'))
    text = ''
    for path in headers:
        with open(path, encoding='utf-8') as header:
            text += re.sub(r'//.*', '', header.read())
    return re.findall(r'STRONGROOM_API strongroom_status\s+strongroom_(\w+)\('
                      rf'\s*{first_argument}[^)]*strongroom_error\*\* error\)', text)


class FromC(Case):
    def test_every_call_does_what_the_header_says(self):
        self.place.start('--config', self.place.configuration(
            service='strict = false',
            sockets=f'[[socket]]\npath = "{self.place.socket}"\nmode = "0666"\n'
                    f'[[socket]]\npath = "{self.place.admin_socket}"\nmode = "0666"\n'
                    'admin = true\n',
            rest=f'[admin]\nuids = [{CAROL}]\ngroups = []\n'))
        carol = self.session(CAROL, 'carol')
        program = shutil.copy(session_program(), programs.folder)
        code, out, said = carol.execute(program, self.place.socket, self.place.admin_socket)
        self.assertEqual((code, out, said), (0, b'', ''))

    def test_every_exported_function_is_called(self):
        shown = shown_functions()
        called = re.findall(rf' U (\w+)@{re.escape(NODE)}$',
                            symbols('--undefined-only', session_program()), re.MULTILINE)
        self.assertGreater(len(shown), 100)
        self.assertEqual(sorted(shown), sorted(called))


@unittest.skipUnless(shutil.which('abidiff'), 'needs abidiff of abigail-tools')
class BinaryInterface(unittest.TestCase):
    """A program that was linked with the library of the dump runs with the one just built."""

    maxDiff = None

    def setUp(self):
        self.built = dump_of(programs.built[2])
        if '<function-decl' not in self.built:
            self.skipTest('needs a library with debug information')
        with open(DUMP, encoding='utf-8') as dump:
            self.committed = dump.read()

    def differences(self, before, after):
        with tempfile.TemporaryDirectory() as directory:
            paths = [os.path.join(directory, name) for name in ('before.abi', 'after.abi')]
            for path, text in zip(paths, (before, after)):
                with open(path, 'w', encoding='utf-8') as file:
                    file.write(text)
            done = subprocess.run(['abidiff', *paths], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode & 3, 0, done.stderr)  # it ran
        return done.stdout if done.returncode else ''

    def test_is_the_one_of_the_committed_dump(self):
        self.assertEqual(self.differences(self.committed, self.built), '',
                         "\n'./dev abi' writes the dump anew; CONTRIBUTING.md says when it may")

    def test_a_parameter_of_another_type_is_noticed(self):
        wider = re.search(r"typedef-decl name='uint64_t' type-id='\w+' id='(\w+)'", self.built)[1]
        changed = re.sub(r"type-id='\w+' name='timeout_ms'", f"type-id='{wider}' name='timeout_ms'",
                         self.built)
        self.assertIn("parameter 2 of type 'typedef uint32_t' changed",
                      self.differences(self.committed, changed))

    def test_a_function_that_is_gone_is_noticed(self):
        changed = re.sub(r" *<elf-symbol name='strongroom_ping'.*\n", '', self.built)
        changed = re.sub(r" *<function-decl name='strongroom_ping'(.*\n)*? *</function-decl>\n", '',
                         changed)
        self.assertRegex(self.differences(self.committed, changed), r'\[D\].* strongroom_ping\(')

    def test_an_enumerator_of_another_value_is_noticed(self):
        changed = self.built.replace("ADMIN_OPERATION' value='21'", "ADMIN_OPERATION' value='23'")
        self.assertIn("STRONGROOM_STATUS_ADMIN_OPERATION' from value '21' to '23'",
                      self.differences(self.committed, changed))


P256_KEY_PAIR = 0x7112  # of the PSA Crypto API, as the next two
ECDSA_SHA256 = 0x06000609
SIGN_AND_VERIFY = 0x3c00
ENDPOINT, SERVICE, CANCELLED = 1, 4, 6  # strongroom_source
INVALID_ARGUMENT, DOES_NOT_EXIST, INVALID_SIGNATURE = 1135, 1140, 1149

CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class CallFailed(Exception):
    def __init__(self, library, error):
        super().__init__(library.strongroom_error_message(error).decode())
        self.status = library.strongroom_error_status(error)
        self.source = library.strongroom_error_source(error)
        library.strongroom_error_free(error)


class Library:
    """The interface by ctypes: handles are numbers, a failed call raises."""

    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        for name in ('answer_take_buffer', 'buffer_data', 'key_list_attributes'):
            getattr(self.library, f'strongroom_{name}').restype = ctypes.c_void_p
        for name in ('error_message', 'key_list_name', 'provider_list_description'):
            getattr(self.library, f'strongroom_{name}').restype = ctypes.c_char_p
        self.library.strongroom_buffer_size.restype = ctypes.c_size_t

    def __getattr__(self, name):
        return getattr(self.library, f'strongroom_{name}')

    def call(self, name, *arguments):
        error = ctypes.c_void_p()
        if getattr(self, name)(*arguments, ctypes.byref(error)) != 0:
            raise CallFailed(self.library, error)

    def make(self, name, *arguments):
        handle = ctypes.c_void_p()
        self.call(name, *arguments, ctypes.byref(handle))
        return handle

    def take(self, buffer):
        """The bytes of a buffer, which is freed."""
        content = ctypes.string_at(self.buffer_data(buffer), self.buffer_size(buffer))
        self.buffer_free(buffer)
        return content


class FromPython(SharedCase):
    def setUp(self):
        if re.search(r'__[atu]b?san_', symbols(programs.built[2])):
            self.skipTest('needs a library without sanitizers')
        self.library = Library(programs.built[2])
        self.options = self.library.make('options_new')
        self.addCleanup(self.library.options_free, self.options)
        self.library.call('options_set_endpoint', self.options, self.place.socket.encode())
        self.library.call('options_set_trust_any_socket', self.options, True)
        self.client = self.library.make('client_open', self.options)
        self.addCleanup(self.library.client_free, self.client)

    def generate(self, name):
        attributes = self.library.make('key_attributes_new')
        self.addCleanup(self.library.key_attributes_free, attributes)
        for what, value in (('type', P256_KEY_PAIR), ('bits', 256), ('usage', SIGN_AND_VERIFY),
                            ('algorithm', ECDSA_SHA256)):
            self.library.call(f'key_attributes_set_{what}', attributes, value)
        self.library.call('generate_key', self.client, name, attributes)

    def names(self):
        keys = self.library.make('list_keys', self.client)
        listed = [self.library.key_list_name(keys, ctypes.c_size_t(i)).decode()
                  for i in range(self.library.key_list_count(keys))]
        self.library.key_list_free(keys)
        return listed

    def sign(self, name, text):
        return self.library.take(self.library.make(
            'sign_message', self.client, name, ECDSA_SHA256, text, ctypes.c_size_t(len(text))))

    def verify(self, name, text, signature):
        self.library.call('verify_message', self.client, name, ECDSA_SHA256, text,
                          ctypes.c_size_t(len(text)), signature, ctypes.c_size_t(len(signature)))

    def test_a_session(self):
        name = 'schlüssel'.encode()
        self.generate(name)
        self.assertEqual(self.names(), ['schlüssel'])
        signature = self.sign(name, b'text')
        self.assertEqual(len(signature), 64)
        self.verify(name, b'text', signature)
        with self.assertRaises(CallFailed) as failed:
            self.verify(name, b'another', signature)
        self.assertEqual((failed.exception.status, failed.exception.source),
                         (INVALID_SIGNATURE, SERVICE))
        self.library.call('destroy_key', self.client, name)
        self.assertEqual(self.names(), [])

    def test_errors_say_what_is_wrong(self):
        with self.assertRaises(CallFailed) as failed:
            self.sign(b'no such key', b'text')
        self.assertEqual((failed.exception.status, failed.exception.source),
                         (DOES_NOT_EXIST, SERVICE))
        self.assertIn('PsaErrorDoesNotExist', str(failed.exception))
        self.library.call('options_set_endpoint', self.options, b'/nonexistent/socket')
        nowhere = self.library.make('client_open', self.options)
        self.addCleanup(self.library.client_free, nowhere)
        with self.assertRaises(CallFailed) as failed:
            self.library.call('ping', nowhere, None, None)
        self.assertEqual(failed.exception.source, ENDPOINT)
        self.assertIn('/nonexistent/socket', str(failed.exception))

    def test_null_is_an_invalid_argument_everywhere(self):
        nothing = [ctypes.c_void_p()] * 16
        for name in calls_that_can_fail():
            self.assertEqual(getattr(self.library, name)(*nothing), INVALID_ARGUMENT, name)
        for name in shown_functions():
            getattr(self.library.library, name)(*nothing)

    def test_null_beside_a_client_is_an_invalid_argument(self):
        nothing = [ctypes.c_void_p()] * 16
        needing = calls_that_can_fail(r'strongroom_client\* client')
        self.assertGreater(len(needing), 30)
        # These need no more than the client.
        for name in set(needing) - {'ping', 'client_cancel'}:
            self.assertEqual(getattr(self.library, name)(self.client, *nothing), INVALID_ARGUMENT,
                             name)

    def test_calls_on_a_poll_loop(self):
        self.generate(b'later')
        loop = self.library.make('async_open', self.options)
        self.addCleanup(self.library.async_free, loop)
        ended = {}

        def note(status, answer, error, userdata):
            took = self.library.answer_take_buffer(ctypes.c_void_p(answer)) if answer else None
            source = self.library.error_source(ctypes.c_void_p(error)) if error else None
            ended[userdata] = (status, took and self.library.take(ctypes.c_void_p(took)), source)

        callback = CALLBACK(note)
        calls = {}
        for number in range(1, 21):
            text = b'text %d' % number
            request = self.library.make('request_sign_message', b'later', ECDSA_SHA256, text,
                                        ctypes.c_size_t(len(text)))
            calls[number] = ctypes.c_uint64()
            self.library.call('async_start', loop, request, callback, ctypes.c_void_p(number),
                              ctypes.byref(calls[number]))
            self.library.request_free(request)
        self.library.call('async_cancel', loop, calls[7])

        poll = select.poll()
        poll.register(self.library.async_descriptor(loop), select.POLLIN)
        while len(ended) < len(calls):
            self.assertTrue(poll.poll(10000), 'nothing is ready')
            self.library.call('async_process', loop)
        self.assertEqual(ended.pop(7)[1:], (None, CANCELLED))
        for number, (status, signature, _) in ended.items():
            self.assertEqual(status, 0)
            self.verify(b'later', b'text %d' % number, signature)
        self.library.call('destroy_key', self.client, b'later')


if __name__ == '__main__':
    runner.main()
