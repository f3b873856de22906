#!/usr/bin/env bash
# parsec-tool before and after a migration, against whichever service listens at
# /run/parsec/parsec.sock inside a root directory: migrate_parsec.sh ROOT make|use DIRECTORY.
# `make` makes keys in the providers 1, 2 and 3 and exports their public halves into the directory;
# `use` has the keys do what they were made for, which openssl outside judges by those halves.
set -uo pipefail

readonly root=$1 step=$2 directory=$3
readonly text='Attack at dawn'
cd "$directory" || exit

passed=0
failed=0

# as UID PROVIDER COMMAND…
as() { chroot "--userspec=$1:$1" --groups= "$root" env RUST_LOG=error parsec-tool -p "$2" "${@:3}"; }

expect() {
  local description=$1
  shift
  if "$@" >output 2>&1; then
    echo "ok - $description"
    ((++passed))
  else
    echo "not ok - $description"
    sed 's/^/    /' output
    ((++failed))
  fi
}

export_from() { # UID PROVIDER KEY
  as "$1" "$2" export-public-key --key-name "$3" >"$1-$3.pem" && openssl pkey -pubin -in "$1-$3.pem" -noout
}

same_public_key() { # UID PROVIDER KEY
  diff <(as "$1" "$2" export-public-key --key-name "$3") "$1-$3.pem"
}

signs() { # UID PROVIDER KEY
  as "$1" "$2" sign --key-name "$3" "$text" | base64 -d >signature &&
    printf '%s' "$text" | openssl dgst -sha256 -verify "$1-$3.pem" -signature signature
}

decrypts() { # UID PROVIDER KEY PADDING…
  local sealed
  sealed=$(printf '%s' "$text" |
    openssl pkeyutl -encrypt -pubin -inkey "$1-$3.pem" "${@:4}" | base64 -w0)
  [[ $(as "$1" "$2" decrypt --key-name "$3" "$sealed") == "$text" ]]
}

make() {
  local uid provider
  for provider in 1 2 3; do
    for uid in 64001 64002; do
      expect "an ECC key of $uid in provider $provider" \
        as $uid $provider create-ecc-key --key-name "ecc-$provider"
      expect "an RSA key of $uid there" \
        as $uid $provider create-rsa-key --for-signing --key-name "rsa-$provider"
      expect 'their public halves' export_from $uid $provider "ecc-$provider"
      expect 'both' export_from $uid $provider "rsa-$provider"
    done
    expect "an RSA key that decrypts" as 64001 $provider create-rsa-key --key-name "enc-$provider"
    expect 'and its public half' export_from 64001 $provider "enc-$provider"
  done
}

use() {
  local uid provider
  for provider in 1 2 3; do
    for uid in 64001 64002; do
      for key in "ecc-$provider" "rsa-$provider"; do
        expect "$key of $uid is the same" same_public_key $uid $provider "$key"
        expect "and signs" signs $uid $provider "$key"
      done
    done
    expect "enc-$provider decrypts" decrypts 64001 $provider "enc-$provider" \
      -pkeyopt rsa_padding_mode:pkcs1
  done
  expect 'a key is deleted from the token' as 64001 2 delete-key --key-name ecc-2
  expect 'and that of the other uid is not' signs 64002 2 ecc-2
}

"$step"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
