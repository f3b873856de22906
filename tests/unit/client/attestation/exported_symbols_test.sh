#!/bin/sh
# What libstrongroom-attestation shows to the programs that load it, and what it brings into them.
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
  grep -vE '^(strongroom::attestation::(challenge|challenge_in|evidence_in|identity_in|name_of|to_string|to_text|verify_key|verify_quote)(\[abi:cxx11\])?\(|STRONGROOM_ATTESTATION_[0-9.]+$)' || true)
[ -z "$foreign" ] || complain "symbols that are not for others: $foreign"
for function in challenge challenge_in evidence_in identity_in name_of to_string to_text \
  verify_key verify_quote; do
  echo "$symbols" | grep -qE "^strongroom::attestation::$function(\\[abi:cxx11\\])?\\(" || complain "$function is missing"
done

needed=$(readelf -d "$library" | grep NEEDED || true)
if echo "$needed" | grep -qE 'tss2|libprotobuf|libstrongroom|spdlog|libsystemd|libboost'; then
  complain "needs what it must not bring: $needed"
fi
readelf -d "$library" | grep -q 'SONAME.*\[libstrongroom-attestation\.so\.0\]' ||
  complain 'wrong soname'

exit $failed
