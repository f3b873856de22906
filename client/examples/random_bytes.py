"""Random bytes of the service, from Python by ctypes.

    python3 random_bytes.py COUNT
"""

import ctypes
import sys

strongroom = ctypes.CDLL('libstrongroom.so.0')
strongroom.strongroom_error_message.restype = ctypes.c_char_p
strongroom.strongroom_buffer_data.restype = ctypes.c_void_p
strongroom.strongroom_buffer_size.restype = ctypes.c_size_t


def call(function, *arguments):
    """Calls a function whose last argument is for the error; raises what that says."""
    error = ctypes.c_void_p()
    if function(*arguments, ctypes.byref(error)) != 0:
        message = strongroom.strongroom_error_message(error).decode()
        strongroom.strongroom_error_free(error)
        raise OSError(message)


def random_bytes(count):
    client, buffer = ctypes.c_void_p(), ctypes.c_void_p()
    call(strongroom.strongroom_client_open, None, ctypes.byref(client))
    try:
        call(strongroom.strongroom_generate_random, client, ctypes.c_size_t(count),
             ctypes.byref(buffer))
        return ctypes.string_at(strongroom.strongroom_buffer_data(buffer),
                                strongroom.strongroom_buffer_size(buffer))
    finally:
        strongroom.strongroom_buffer_free(buffer)
        strongroom.strongroom_client_free(client)


if __name__ == '__main__':
    print(random_bytes(int(sys.argv[1])).hex())
