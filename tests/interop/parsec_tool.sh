#!/usr/bin/env bash
# A session of the unmodified parsec-tool against a service that listens at /run/parsec/parsec.sock
# inside a root directory: parsec_tool.sh ROOT COMMAND…. What the tool says is checked by openssl
# outside. The tool's user is 64001, whom the service must take for an administrator; COMMAND is
# our own client, as the same user.
set -uo pipefail

readonly root=$1
readonly ours=("${@:2}")
readonly text='Attack at dawn'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit

passed=0
failed=0

# The tool explains on standard error and answers on standard output.
tool() { chroot --userspec=64001:64001 --groups= "$root" parsec-tool "${provider[@]}" "$@"; }
provider=() # of the tool's choice

# expect DESCRIPTION COMMAND…: the command succeeds.
expect() {
  local description=$1
  shift
  if "$@" >"$work/output" 2>&1; then
    echo "ok - $description"
    ((++passed))
  else
    echo "not ok - $description"
    sed 's/^/    /' "$work/output"
    ((++failed))
  fi
}

refuses() { ! "$@"; }

# says PATTERN COMMAND…: the command succeeds and says it.
says() {
  local pattern=$1 said
  shift
  said=$("$@" 2>&1) || { echo "$said" && return 1; }
  grep -qiE -- "$pattern" <<<"$said" || { echo "$said" && return 1; }
}

says_nothing_of() {
  local pattern=$1 said
  shift
  said=$("$@" 2>&1) || { echo "$said" && return 1; }
  ! grep -qE -- "$pattern" <<<"$said" || { echo "$said" && return 1; }
}

exports_public_key() { # KEY
  tool export-public-key --key-name "$1" >"$1.pem" && openssl pkey -pubin -in "$1.pem" -noout
}

signs_for_openssl() { # KEY
  tool sign --key-name "$1" "$text" | base64 -d >"$1.signature" &&
    printf '%s' "$text" |
    openssl dgst -sha256 -verify "$1.pem" -signature "$1.signature"
}

openssl_encrypts_for() { # KEY PADDING…
  local key=$1
  shift
  printf '%s' "$text" | openssl pkeyutl -encrypt -pubin -inkey "$key.pem" "$@" | base64 -w0
}

decrypts() { # KEY CIPHERTEXT
  [[ $(tool decrypt --key-name "$1" "$2") == "$text" ]]
}

decrypts_its_own() { # KEY
  decrypts "$1" "$(tool encrypt --key-name "$1" "$text")"
}

random_differs() {
  local first second
  first=$(tool generate-random --nbytes 16) && second=$(tool generate-random --nbytes 16) &&
    [[ -n $first && $first != "$second" ]]
}

expect 'ping tells protocol version 1.0' says '^1\.0$' tool ping
expect 'the software provider is listed' says '0x01' tool list-providers
expect 'the core provider is listed' says '0x00' tool list-providers
expect 'peer credentials are listed' says 'unix' tool list-authenticators
expect 'the opcodes of provider 1 are listed' says 'PsaSignHash' tool list-opcodes --provider 1
expect 'random bytes differ' random_differs

expect 'an ECC key is created' tool create-ecc-key --key-name ecc
expect 'an RSA signing key is created' tool create-rsa-key --for-signing --key-name rsa-sign
expect 'an RSA encryption key is created' tool create-rsa-key --key-name rsa-encrypt
expect 'an RSA OAEP key is created' tool create-rsa-key --oaep --key-name rsa-oaep
expect 'an RSA key of 3072 bits is created' tool create-rsa-key --bits 3072 --key-name rsa-3072
expect 'a second key of one name is refused' refuses tool create-ecc-key --key-name ecc

for key in ecc rsa-sign rsa-encrypt rsa-oaep rsa-3072; do
  expect "$key is listed" says "$key" tool list-keys
  expect "the public half of $key is exported" exports_public_key "$key"
done
for key in ecc rsa-sign; do
  expect "openssl verifies what $key signs" signs_for_openssl "$key"
done
expect 'a certificate request of ecc verifies' says 'OK' openssl req -verify -noout \
  -in <(tool create-csr --key-name ecc --cn interop 2>/dev/null)

for key in rsa-encrypt rsa-oaep rsa-3072; do
  expect "$key decrypts what it encrypts" decrypts_its_own "$key"
done
expect 'rsa-encrypt decrypts what openssl encrypts' decrypts rsa-encrypt \
  "$(openssl_encrypts_for rsa-encrypt -pkeyopt rsa_padding_mode:pkcs1)"
expect 'rsa-oaep decrypts what openssl encrypts' decrypts rsa-oaep \
  "$(openssl_encrypts_for rsa-oaep -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256)"
expect 'an encryption key does not sign' refuses tool sign --key-name rsa-encrypt "$text"

# One entry of a list that the tool's library cannot decode fails the whole list.
expect 'our client makes an Ed25519 key' "${ours[@]}" key generate edwards --type ed25519
expect 'and a key that wraps keys' "${ours[@]}" key generate kek --type aes-256 \
  --algorithm aes-kwp --usage wrap,unwrap
expect 'and one with a setting of ours' "${ours[@]}" key generate careful --type aes-256 \
  --algorithm aes-gcm --drawn-nonce-only
expect 'our client lists them' says 'edwards' "${ours[@]}" key list
expect 'the tool lists what it understands' says 'careful' tool list-keys
expect 'and nothing that it does not' says_nothing_of 'edwards|kek' tool list-keys
expect 'the tool signs beside them' signs_for_openssl ecc
expect 'the opcodes are listed as before' says_nothing_of '3277[0-9]|3278[0-9]' \
  tool list-opcodes --provider 1

# device_session PROVIDER NAME DIGEST…: keys in a device, called NAME-…; which decrypts OAEP with
# that digest, or makes no keys for what it does not do.
device_session() {
  local number=$1 name=$2 digest=$3 key keys=("$2"-{ecc,rsa-sign,rsa-encrypt})
  provider=(-p "$number")
  expect "the $name is listed" says "0x0$number" tool list-providers
  expect "the opcodes of provider $number are listed" says 'PsaSignHash' \
    tool list-opcodes --provider "$number"
  expect "random bytes of the $name differ" random_differs
  expect "an ECC key is created in the $name" tool create-ecc-key --key-name "$name-ecc"
  expect 'an RSA signing key is created there' \
    tool create-rsa-key --for-signing --key-name "$name-rsa-sign"
  expect 'an RSA encryption key is created there' tool create-rsa-key --key-name "$name-rsa-encrypt"
  if [[ -n $digest ]]; then
    keys+=("$name-rsa-oaep")
    expect 'an RSA OAEP key is created there' tool create-rsa-key --oaep --key-name "$name-rsa-oaep"
  else
    expect 'an RSA OAEP key is not created there' \
      refuses tool create-rsa-key --oaep --key-name "$name-rsa-oaep"
  fi
  expect 'a second key of one name is refused there' refuses tool create-ecc-key --key-name "$name-ecc"
  for key in "${keys[@]}"; do
    expect "$key is listed" says "$key" tool list-keys
    expect "the public half of $key is exported" exports_public_key "$key"
  done
  for key in "$name"-{ecc,rsa-sign}; do
    expect "openssl verifies what $key signs" signs_for_openssl "$key"
  done
  expect "a certificate request of $name-ecc verifies" says 'OK' openssl req -verify -noout \
    -in <(tool create-csr --key-name "$name-ecc" --cn interop 2>/dev/null)
  expect "$name-rsa-encrypt decrypts what it encrypts" decrypts_its_own "$name-rsa-encrypt"
  expect "$name-rsa-encrypt decrypts what openssl encrypts" decrypts "$name-rsa-encrypt" \
    "$(openssl_encrypts_for "$name-rsa-encrypt" -pkeyopt rsa_padding_mode:pkcs1)"
  if [[ -n $digest ]]; then
    expect "$name-rsa-oaep decrypts what it encrypts" decrypts_its_own "$name-rsa-oaep"
    expect "$name-rsa-oaep decrypts what openssl encrypts" decrypts "$name-rsa-oaep" \
      "$(openssl_encrypts_for "$name-rsa-oaep" -pkeyopt rsa_padding_mode:oaep \
        -pkeyopt "rsa_oaep_md:$digest")"
  fi
  expect "a key is deleted from the $name" tool delete-key --key-name "$name-rsa-sign"
  expect 'and does not sign' refuses tool sign --key-name "$name-rsa-sign" "$text"
  provider=()
  expect "the opcodes of provider $number are those that the tool knows" \
    says_nothing_of '3277[0-9]|3278[0-9]' tool list-opcodes --provider "$number"
}

# SoftHSM decrypts OAEP with SHA-1 alone, and the tool makes keys for SHA-256.
device_session 2 token ''
device_session 3 tpm sha256

expect 'a key is deleted' tool delete-key --key-name rsa-sign
expect 'the deleted key is not listed' says_nothing_of 'rsa-sign' tool list-keys
expect 'the deleted key does not sign' refuses tool sign --key-name rsa-sign "$text"
expect 'clients with keys are listed' says '64001' tool list-clients
expect 'a client is deleted' tool delete-client --client 64001
expect 'none of its keys is left' says_nothing_of 'ecc|rsa-' tool list-keys

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
