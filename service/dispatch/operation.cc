#include "service/dispatch/operation.h"

#include <algorithm>
#include <array>

#include "service/dispatch/handlers/handlers.h"

namespace strongroom {
namespace {

bool always(Provider&) {
  return true;
}

// A provider serves what it has the facet for.
template <auto Facet>
bool has(Provider& provider) {
  return (provider.*Facet)() != nullptr;
}

// Which of the two, a handler finds out.
bool works_in_parts(Provider& provider) {
  return provider.hasher() != nullptr || provider.aead() != nullptr;
}

using enum Opcode;
using enum Place;
using enum Needs;
using enum Listed;

// clang-format off
constexpr std::array kOperations = {
    Operation{Ping,                  "ping",                    Core,   Nothing,        Always,   &always,                     &ping},
    Operation{ListProviders,         "list-providers",          Core,   Nothing,        Always,   &always,                     &list_providers},
    Operation{ListOpcodes,           "list-opcodes",            Core,   Nothing,        Always,   &always,                     &list_opcodes},
    Operation{ListAuthenticators,    "list-authenticators",     Core,   Nothing,        Always,   &always,                     &list_authenticators},
    Operation{ListKeys,              "list-keys",               Core,   Authentication, Always,   &always,                     &list_keys},
    Operation{ListClients,           "list-clients",            Core,   Admin,          Always,   &always,                     &list_clients},
    Operation{DeleteClient,          "delete-client",           Core,   Admin,          Always,   &always,                     &delete_client},
    Operation{PsaGenerateKey,        "generate-key",            Crypto, Authentication, Always,   &has<&Provider::keys>,       &generate_key},
    Operation{PsaImportKey,          "import-key",              Crypto, Authentication, Always,   &has<&Provider::keys>,       &import_key},
    Operation{PsaExportKey,          "export-key",              Crypto, Authentication, Always,   &has<&Provider::keys>,       &export_key},
    Operation{PsaExportPublicKey,    "export-public-key",       Crypto, Authentication, Always,   &has<&Provider::keys>,       &export_public_key},
    Operation{PsaDestroyKey,         "destroy-key",             Crypto, Authentication, Always,   &has<&Provider::keys>,       &destroy_key},
    Operation{CanDoCrypto,           "can-do-crypto",           Crypto, Authentication, Always,   &always,                     &can_do_crypto},
    Operation{PsaSignHash,           "sign-hash",               Crypto, Authentication, Always,   &has<&Provider::signer>,     &sign_hash},
    Operation{PsaVerifyHash,         "verify-hash",             Crypto, Authentication, Always,   &has<&Provider::signer>,     &verify_hash},
    Operation{PsaSignMessage,        "sign-message",            Crypto, Authentication, Always,   &has<&Provider::signer>,     &sign_message},
    Operation{PsaVerifyMessage,      "verify-message",          Crypto, Authentication, Always,   &has<&Provider::signer>,     &verify_message},
    Operation{PsaAsymmetricEncrypt,  "asymmetric-encrypt",      Crypto, Authentication, Always,   &has<&Provider::encrypter>,  &asymmetric_encrypt},
    Operation{PsaAsymmetricDecrypt,  "asymmetric-decrypt",      Crypto, Authentication, Always,   &has<&Provider::encrypter>,  &asymmetric_decrypt},
    Operation{PsaAeadEncrypt,        "aead-encrypt",            Crypto, Authentication, Always,   &has<&Provider::aead>,       &aead_encrypt},
    Operation{PsaAeadDecrypt,        "aead-decrypt",            Crypto, Authentication, Always,   &has<&Provider::aead>,       &aead_decrypt},
    Operation{PsaCipherEncrypt,      "cipher-encrypt",          Crypto, Authentication, Always,   &has<&Provider::cipher>,     &cipher_encrypt},
    Operation{PsaCipherDecrypt,      "cipher-decrypt",          Crypto, Authentication, Always,   &has<&Provider::cipher>,     &cipher_decrypt},
    Operation{PsaMacCompute,         "mac-compute",             Crypto, Authentication, Extended, &has<&Provider::mac>,        &mac_compute},
    Operation{PsaMacVerify,          "mac-verify",              Crypto, Authentication, Extended, &has<&Provider::mac>,        &mac_verify},
    Operation{PsaHashCompute,        "hash-compute",            Crypto, Nothing,        Always,   &has<&Provider::hasher>,     &hash_compute},
    Operation{PsaHashCompare,        "hash-compare",            Crypto, Nothing,        Always,   &has<&Provider::hasher>,     &hash_compare},
    Operation{PsaRawKeyAgreement,    "raw-key-agreement",       Crypto, Authentication, Always,   &has<&Provider::key_agreer>, &raw_key_agreement},
    Operation{PsaGenerateRandom,     "generate-random",         Crypto, Nothing,        Always,   &has<&Provider::random>,     &generate_random},
    Operation{PrepareKeyAttestation, "prepare-key-attestation", Crypto, Authentication, Always,   &has<&Provider::attester>,   &prepare_key_attestation},
    Operation{AttestKey,             "attest-key",              Crypto, Authentication, Always,   &has<&Provider::attester>,   &attest_key},
    Operation{CertifyKey,            "certify-key",             Crypto, Authentication, Extended, &has<&Provider::attester>,   &certify_key},
    Operation{Quote,                 "quote",                   Crypto, Authentication, Extended, &has<&Provider::attester>,   &quote},
    Operation{Status,                "status",                  Core,   Admin,          Extended, &always,                     &status},
    Operation{KeyInfo,               "key-info",                Crypto, Authentication, Extended, &has<&Provider::keys>,       &key_info},
    Operation{DeriveKey,             "derive-key",              Crypto, Authentication, Extended, &has<&Provider::key_deriver>, &derive_key},
    Operation{SignBatch,             "sign-batch",              Crypto, Authentication, Extended, &has<&Provider::signer>,     &sign_batch},
    Operation{WrapKey,               "wrap-key",                Crypto, Authentication, Extended, &has<&Provider::key_wrapper>, &wrap_key},
    Operation{UnwrapKey,             "unwrap-key",              Crypto, Authentication, Extended, &has<&Provider::key_wrapper>, &unwrap_key},
    Operation{Reload,                "reload",                  Core,   Admin,          Extended, &always,                     &reload},
    Operation{StoreCheck,            "store-check",             Core,   Admin,          Extended, &always,                     &store_check},
    Operation{ControlProvider,       "control-provider",        Core,   Admin,          Extended, &always,                     &control_provider},
    Operation{AeadSeal,              "aead-seal",               Crypto, Authentication, Extended, &has<&Provider::aead>,       &aead_seal},
    Operation{MultipartSetup,        "multipart-setup",         Crypto, Nothing,        Extended, &works_in_parts,             &multipart_setup,  Order::AsArrived},
    Operation{MultipartUpdate,       "multipart-update",        Crypto, Nothing,        Extended, &works_in_parts,             &multipart_update, Order::AsArrived},
    Operation{MultipartFinish,       "multipart-finish",        Crypto, Nothing,        Extended, &works_in_parts,             &multipart_finish, Order::AsArrived},
    Operation{MultipartAbort,        "multipart-abort",         Crypto, Nothing,        Extended, &works_in_parts,             &multipart_abort,  Order::AsArrived},
};
// clang-format on

}  // namespace

std::span<const Operation> operations() noexcept {
  return kOperations;
}

const Operation* find_operation(std::uint32_t opcode) noexcept {
  const auto* row = std::ranges::find(kOperations, static_cast<Opcode>(opcode), &Operation::opcode);
  return row == kOperations.end() ? nullptr : row;
}

}  // namespace strongroom
