// What people hand over as a key: PEM, DER and OpenSSH files, and signatures beside them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "client/cli/format/names.h"
#include "client/cli/format/signature.h"
#include "client/cli/keys/key_file.h"
#include "client/cli/keys/private_key.h"
#include "client/cli/keys/public_key.h"

namespace {

using namespace strongroom;
using namespace strongroom::cli;

Outcome<SecretBytes> nobody_answers() {
  return failed(ExitCode::Usage, "no passphrase");
}

void must(bool is_so) {
  if (!is_so) std::abort();
}

// What was read is written, and read again as it was.
void round_trip(const KeyMaterial& key) {
  must(key.bits != 0 && !key.data.empty());
  if (key.type.is_public_key()) {
    Outcome<Bytes> info = public_key_info(key.type, key.bits, key.data);
    if (!info) return;  // numbers that are no key
    Outcome<KeyMaterial> again = from_public_key_info(*info);
    must(again && again->type == key.type && again->bits == key.bits);
    return;
  }
  Outcome<SecretBytes> info = private_key_info(key, {});
  must(info.has_value());
  Outcome<KeyMaterial> again = from_private_key_info(*info);
  must(again && again->type == key.type && again->data == key.data);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView input = std::as_bytes(std::span(data, size));
  std::ignore = form_of(input);
  for (KeyForm form : {KeyForm::Pem, KeyForm::Der, KeyForm::OpenSsh}) {
    Outcome<KeyMaterial> key = read_key(input, form, nobody_answers);
    if (key) round_trip(*key);
  }
  Outcome<TypeAndSize> type = type_from("ecc-p256");
  std::ignore = read_bare_key(input, *type, nobody_answers);
  Outcome<Bytes> raw = ecdsa_from_der(input, 32);
  if (raw) must(*ecdsa_from_der(*ecdsa_to_der(*raw), 32) == *raw);
  return 0;
}
