// Keys: making them, giving them out, destroying them.
#include "can_do_crypto.pb.h"
#include "client/requests/about_key.h"
#include "psa_destroy_key.pb.h"
#include "psa_export_key.pb.h"
#include "psa_export_public_key.pb.h"
#include "psa_generate_key.pb.h"
#include "psa_import_key.pb.h"

namespace strongroom::requests {

using client::guarded;

Prepared<> generate_key(Name name, const psa::KeyAttributes& attributes) {
  return guarded([&]() -> Prepared<> {
    auto operation = TRY(new_key<psa_generate_key::Operation>(name, attributes));
    return prepared<void>(encoded(Opcode::PsaGenerateKey, kChangeOfKeys, operation),
                          decode_nothing<psa_generate_key::Result>);
  });
}

Prepared<> import_key(Name name, const psa::KeyAttributes& attributes, ByteView data) {
  return guarded([&]() -> Prepared<> {
    auto operation = TRY(new_key<psa_import_key::Operation>(name, attributes));
    const SecretField secret(operation.mutable_data(), data);
    return prepared<void>(encoded(Opcode::PsaImportKey, kChangeOfKeys, operation),
                          decode_nothing<psa_import_key::Result>);
  });
}

Prepared<SecretBytes> export_key(Name name) {
  return guarded([&]() -> Prepared<SecretBytes> {
    auto operation = TRY(about_key<psa_export_key::Operation>(name));
    using Answer = psa_export_key::Result;
    return prepared<SecretBytes>(encoded(Opcode::PsaExportKey, kUseOfKey, operation),
                                 decode_secret<Answer::kDataFieldNumber>);
  });
}

Prepared<Bytes> export_public_key(Name name) {
  return guarded([&]() -> Prepared<Bytes> {
    auto operation = TRY(about_key<psa_export_public_key::Operation>(name));
    using Answer = psa_export_public_key::Result;
    return prepared<Bytes>(encoded(Opcode::PsaExportPublicKey, kUseOfKey, operation),
                           decode_bytes<Answer, &Answer::data>);
  });
}

Prepared<> destroy_key(Name name) {
  return guarded([&]() -> Prepared<> {
    auto operation = TRY(about_key<psa_destroy_key::Operation>(name));
    return prepared<void>(encoded(Opcode::PsaDestroyKey, kChangeOfKeys, operation),
                          decode_nothing<psa_destroy_key::Result>);
  });
}

Prepared<> can_do_crypto(CryptoCheck check, const psa::KeyAttributes& attributes) {
  return guarded([&]() -> Prepared<> {
    ::can_do_crypto::Operation operation;
    operation.set_check_type(static_cast<::can_do_crypto::CheckType>(check));
    *operation.mutable_attributes() = encode(attributes);
    return prepared<void>(encoded(Opcode::CanDoCrypto, kUseOfKey, operation),
                          decode_nothing<::can_do_crypto::Result>);
  });
}

}  // namespace strongroom::requests
