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
foreign=$(echo "$symbols" |
  grep -vE '^(strongroom::|strongroom_[a-z]|STRONGROOM_(CXX_)?[0-9.]+$|(vtable|typeinfo|typeinfo name) for strongroom::)' || true)
[ -z "$foreign" ] || complain "symbols that are not ours: $foreign"

# Not even as an argument of one of ours.
libraries=$(echo "$symbols" |
  grep -E 'google::protobuf|psa_[a-z_]+::|list_[a-z]+::|_client::|fmt::|spdlog|boost::|EVP_|OSSL|SSL_|BIO_' || true)
[ -z "$libraries" ] || complain "symbols of other libraries or of contracts: $libraries"

for symbol in 'strongroom::Client::ping()' 'strongroom::AsyncClient::process()' \
  'strongroom::requests::ping()'; do
  echo "$symbols" | grep -qF "$symbol" || complain "$symbol is missing"
done
if echo "$symbols" | grep -qE '^strongroom::(client::|Client::State|AsyncClient::State|requests::.*(Forgotten|take_secret|key_name|bad_a))'; then
  complain 'internals are shown'
fi
nm -D --defined-only "$library" | grep '_Z.*strongroom.*ping' | grep -qv '@@STRONGROOM_CXX_0' &&
  complain 'the C++ API is not under its version'

# Types of other libraries that what we show would need.
undefined=$(nm -DC --undefined-only "$library" | grep -E 'fmt::.*(strongroom|Client)' || true)
[ -z "$undefined" ] || complain "other libraries know our types: $undefined"

needed=$(readelf -d "$library" | grep NEEDED || true)
if echo "$needed" | grep -qE 'libcrypto|libssl|spdlog|libprotobuf\.so|libsystemd|libboost'; then
  complain "needs what it must not bring: $needed"
fi
readelf -d "$library" | grep -q 'SONAME.*\[libstrongroom\.so\.0\]' || complain 'wrong soname'

exit $failed
