#!/usr/bin/env bash
# The binary interface of libstrongroom in C, as text: abi.sh LIBRARY > FILE. The library needs its
# debug information. Of types, those of the public headers are shown; the others are opaque.
set -euo pipefail

top=$(cd -P "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
exec abidw --suppressions "$top/client/abi/libstrongroom.suppr" \
  --headers-dir "$top/client/include/strongroom/c" --drop-private-types \
  --exported-interfaces-only --no-architecture --no-comp-dir-path --no-corpus-path \
  --no-elf-needed --no-show-locs --type-id-style hash "$(readlink -f "$1")"
