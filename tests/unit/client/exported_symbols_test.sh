#!/bin/sh
# What libstrongroom shows to the programs that load it, and what it brings into them.
# Usage: exported_symbols_test.sh LIBRARY
set -eu
library=$1
failed=0

complain() {
  echo "$1" >&2
  failed=1
}

symbols=$(nm -DC --defined-only "$library" | cut -d' ' -f3-)
foreign=$(echo "$symbols" | grep -vE '^(strongroom::|STRONGROOM_CXX_0$)|^strongroom_[a-z_]+@@STRONGROOM_0\.1$|^STRONGROOM_0\.1$' || true)
[ -z "$foreign" ] || complain "symbols that are not ours: $foreign"

contracts=$(echo "$symbols" | grep -E 'google::protobuf|psa_[a-z_]+::|list_[a-z]+::|_client::' || true)
[ -z "$contracts" ] || complain "symbols of contracts or of protobuf: $contracts"

echo "$symbols" | grep -q '^strongroom::Client::ping()' || complain 'Client::ping is missing'
if echo "$symbols" | grep -qE '^strongroom::(client::|Client::State)'; then
  complain 'internals are shown'
fi

needed=$(readelf -d "$library" | grep NEEDED || true)
if echo "$needed" | grep -qE 'libcrypto|libssl|spdlog|libprotobuf\.so|libsystemd'; then
  complain "needs what it must not bring: $needed"
fi
readelf -d "$library" | grep -q 'SONAME.*\[libstrongroom\.so\.0\]' || complain 'wrong soname'

exit $failed
