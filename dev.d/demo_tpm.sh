# shellcheck shell=bash
# Keys in a TPM from end to end, with a TPM in software in place of the machine's. Sourced by ../dev.

source "$top/dev.d/demo_device.sh"

demo_tpm() {
  prepare_device_demo 'swtpm, a TPM 2.0 in software' "${tpm_packages[@]}"

  step '3. A TPM, and a daemon whose only provider it is. With tcti = "device:/dev/tpmrm0" it would be
   the one of this machine.'
  start_tpm first
  write_configuration "type = \"tpm\"
tcti = \"swtpm:path=$place/tpm/socket\""
  sed -n '/^\[\[provider/,$p' "$place/state/strongroom.toml" | indented
  start_configured
  strongroom providers

  step '4. A P-256 key: made by the TPM, which wraps it; the store keeps what only this TPM can read.'
  make_and_show_key

  step '5. A file signed by the TPM; openssl verifies the signature.'
  sign_and_verify

  step '6. The TPM pulled out: requests are refused at once, and the service says what is wrong.'
  stop_tpm
  refused_signature
  device_is tpm down

  step '7. And put back: the daemon finds out by itself, and the key works as before.'
  start_tpm first
  device_is tpm up
  sign_and_verify

  step '8. Another TPM in its place: it is refused, because its storage root is not the one noted.'
  stop_tpm
  start_tpm another
  refused_signature
  device_is tpm down

  step '9. The first one again, and a restart of the daemon.'
  stop_tpm
  start_tpm first
  stop_and_tell
  start_configured
  sign_and_verify

  step '10. The daemon and the TPM stopped, their directory removed.'
  stop_and_tell
  stop_tpm
  printf '\n%sDone.%s Next: strongroom.toml(5), "[[provider]]".\n' "$green" "$plain"
}
