# shellcheck shell=bash
# Keys in a PKCS#11 token from end to end, with a token in software. Sourced by ../dev.

source "$top/dev.d/demo_device.sh"

draw_token_out() { mv "$place/token/tokens"/* "$place/token/away"; }
put_token_back() { mv "$place/token/away"/* "$place/token/tokens"; }

refused_unlock() {
  local refusal status=0
  shown 'strongroom provider unlock pkcs11'
  refusal=$(client_of "$place/state/strongroom.sock" provider unlock pkcs11 2>&1) || status=$?
  [[ $status -ne 0 ]] || fail 'a wrong PIN was taken'
  head -n 1 <<<"$refusal" | indented
  say "  exit code $status"
}

demo_pkcs11() {
  device_programs=("$worker_program")
  prepare_device_demo 'SoftHSM, a PKCS#11 token in software' "${token_packages[@]}"

  step "3. A token, its PIN in a file, and a daemon whose only provider it is. A smart card or a network
   HSM takes another module, and nothing else."
  make_token
  write_configuration "type = \"pkcs11\"
uri = \"pkcs11:token=keys?module-path=$softhsm_module\"
pin = \"file:$place/token/pin\""
  sed -n '/^\[\[provider/,$p' "$place/state/strongroom.toml" | indented
  start_configured
  strongroom providers
  device_is pkcs11 up

  step '4. A P-256 key: made in the token, which it never leaves.'
  make_and_show_key

  step '5. A file signed by the token; openssl verifies the signature.'
  sign_and_verify

  step '6. The token drawn out: requests are refused, and the service says what is wrong.'
  draw_token_out
  refused_signature
  device_is pkcs11 down

  step '7. And put back: the daemon finds out by itself, and the key works as before.'
  put_token_back
  device_is pkcs11 up
  sign_and_verify

  step '8. Another token in its place: it is refused, because its serial number is not the one noted.'
  draw_token_out
  add_token keys
  refused_signature
  device_is pkcs11 down
  rm -rf "$place/token/tokens"/*
  put_token_back
  device_is pkcs11 up

  step '9. A wrong PIN: it is tried once, not after a restart either, for tokens lock themselves.'
  stop_and_tell
  echo 000000 >"$place/token/pin"
  start_configured
  device_is pkcs11 down
  refused_unlock

  step '10. The right one, where the wrong one stood: it is tried by itself.'
  echo 271828 >"$place/token/pin"
  device_is pkcs11 up
  sign_and_verify

  step '11. The daemon stopped, its directory and the token removed.'
  stop_and_tell
  printf '\n%sDone.%s Next: strongroom.toml(5), "[[provider]]".\n' "$green" "$plain"
}
