#include "tests/support/tpm/esys.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <tss2/tss2_rc.h>

namespace strongroom::testing {
namespace {

using tpm::assign;

void must(const char* call, TSS2_RC code) {
  if (code == TSS2_RC_SUCCESS) return;
  fmt::print(stderr, "{}: {}\n", call, Tss2_RC_Decode(code));
  std::abort();
}

// ESYS gives out memory of malloc().
struct Freed {
  void operator()(void* memory) const noexcept { Esys_Free(memory); }
};
template <typename T>
using OwnedByEsys = std::unique_ptr<T, Freed>;

template <typename Sized>
Sized sized_of(ByteView bytes) {
  Sized sized{};
  if (!assign(sized, bytes)) std::abort();
  return sized;
}

template <typename Sized>
Bytes bytes_of_sized(const Sized& sized) {
  return copy_of(std::as_bytes(std::span(sized.buffer).first(sized.size)));
}

tpm::OwnedTcti opened(const std::string& tcti) {
  auto opened = tpm::open_tcti(tcti);
  if (!opened) std::abort();
  return *std::move(opened);
}

}  // namespace

Esys::Esys(const std::string& tcti) : tcti_(opened(tcti)) {
  must("Esys_Initialize", Esys_Initialize(&context_, tcti_.get(), nullptr));
}

Esys::~Esys() {
  Esys_Finalize(&context_);
}

ESYS_TR Esys::create_primary(const TPMT_PUBLIC& area, ESYS_TR hierarchy) {
  TPM2B_SENSITIVE_CREATE sensitive{};
  TPM2B_PUBLIC in{.size = 0, .publicArea = area};
  TPM2B_DATA outside{};
  TPML_PCR_SELECTION pcrs{};
  ESYS_TR handle = ESYS_TR_NONE;
  must("Esys_CreatePrimary", Esys_CreatePrimary(context_, hierarchy, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                                ESYS_TR_NONE, &sensitive, &in, &outside, &pcrs,
                                                &handle, nullptr, nullptr, nullptr, nullptr));
  return handle;
}

void Esys::set_password(ESYS_TR hierarchy, ByteView password) {
  auto value = sized_of<TPM2B_AUTH>(password);
  must("Esys_HierarchyChangeAuth", Esys_HierarchyChangeAuth(context_, hierarchy, ESYS_TR_PASSWORD,
                                                            ESYS_TR_NONE, ESYS_TR_NONE, &value));
}

tpm::KeyBlob Esys::create(ESYS_TR parent, const TPMT_PUBLIC& area, ByteView auth) {
  TPM2B_SENSITIVE_CREATE sensitive{};
  if (!assign(sensitive.sensitive.userAuth, auth)) std::abort();
  TPM2B_PUBLIC in{.size = 0, .publicArea = area};
  TPM2B_DATA outside{};
  TPML_PCR_SELECTION pcrs{};
  TPM2B_PRIVATE* private_area = nullptr;
  TPM2B_PUBLIC* public_area = nullptr;
  must("Esys_Create",
       Esys_Create(context_, parent, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &in,
                   &outside, &pcrs, &private_area, &public_area, nullptr, nullptr, nullptr));
  OwnedByEsys<TPM2B_PRIVATE> owned_private(private_area);
  OwnedByEsys<TPM2B_PUBLIC> owned_public(public_area);
  return {*private_area, *public_area};
}

ESYS_TR Esys::load(ESYS_TR parent, const tpm::KeyBlob& blob, ByteView auth) {
  ESYS_TR handle = ESYS_TR_NONE;
  must("Esys_Load", Esys_Load(context_, parent, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                              &blob.private_area, &blob.public_area, &handle));
  auto value = sized_of<TPM2B_AUTH>(auth);
  must("Esys_TR_SetAuth", Esys_TR_SetAuth(context_, handle, &value));
  return handle;
}

ESYS_TR Esys::load_external(const TPMT_PUBLIC& area) {
  TPM2B_PUBLIC public_area{.size = 0, .publicArea = area};
  ESYS_TR handle = ESYS_TR_NONE;
  must("Esys_LoadExternal", Esys_LoadExternal(context_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                              nullptr, &public_area, ESYS_TR_RH_NULL, &handle));
  return handle;
}

ESYS_TR Esys::start(ESYS_TR key, Session session) {
  if (session == Session::Password) return ESYS_TR_PASSWORD;
  return started(key, session, TPM2_SE_HMAC);
}

ESYS_TR Esys::start_policy_secret(ESYS_TR key, ESYS_TR hierarchy, Session session) {
  ESYS_TR policy = started(key, session, TPM2_SE_POLICY);
  must("Esys_PolicySecret",
       Esys_PolicySecret(context_, hierarchy, policy, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                         nullptr, nullptr, nullptr, 0, nullptr, nullptr));
  return policy;
}

ESYS_TR Esys::start_policy_pcr(ESYS_TR key, const TPML_PCR_SELECTION& pcrs, Session session) {
  ESYS_TR policy = started(key, session, TPM2_SE_POLICY);
  must("Esys_PolicyPCR",
       Esys_PolicyPCR(context_, policy, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, nullptr, &pcrs));
  return policy;
}

void Esys::extend_pcr(ESYS_TR pcr, ByteView digest) {
  TPML_DIGEST_VALUES values{};
  values.count = 1;
  values.digests[0].hashAlg = TPM2_ALG_SHA256;
  std::ranges::copy(digest,
                    std::as_writable_bytes(std::span(values.digests[0].digest.sha256)).begin());
  must("Esys_PCR_Extend",
       Esys_PCR_Extend(context_, pcr, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &values));
}

Bytes Esys::unseal(ESYS_TR sealed, ESYS_TR session) {
  TPM2B_SENSITIVE_DATA* data = nullptr;
  must("Esys_Unseal", Esys_Unseal(context_, sealed, session, ESYS_TR_NONE, ESYS_TR_NONE, &data));
  return bytes_of_sized(*OwnedByEsys<TPM2B_SENSITIVE_DATA>(data));
}

Bytes Esys::read_nv(TPM2_HANDLE index, ByteView auth, std::size_t size) {
  ESYS_TR handle = ESYS_TR_NONE;
  must("Esys_TR_FromTPMPublic",
       Esys_TR_FromTPMPublic(context_, index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &handle));
  auto value = sized_of<TPM2B_AUTH>(auth);
  must("Esys_TR_SetAuth", Esys_TR_SetAuth(context_, handle, &value));
  TPM2B_MAX_NV_BUFFER* data = nullptr;
  must("Esys_NV_Read", Esys_NV_Read(context_, handle, handle, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                    ESYS_TR_NONE, static_cast<UINT16>(size), 0, &data));
  return bytes_of_sized(*OwnedByEsys<TPM2B_MAX_NV_BUFFER>(data));
}

void Esys::define_nv(TPM2_HANDLE index, TPMA_NV attributes, ByteView auth) {
  auto value = sized_of<TPM2B_AUTH>(auth);
  TPM2B_NV_PUBLIC area{};
  area.nvPublic.nvIndex = index;
  area.nvPublic.nameAlg = TPM2_ALG_SHA256;
  area.nvPublic.attributes = attributes;
  area.nvPublic.dataSize = 8;
  ESYS_TR handle = ESYS_TR_NONE;
  must("Esys_NV_DefineSpace",
       Esys_NV_DefineSpace(context_, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                           &value, &area, &handle));
}

void Esys::undefine_nv(TPM2_HANDLE index) {
  ESYS_TR handle = ESYS_TR_NONE;
  must("Esys_TR_FromTPMPublic",
       Esys_TR_FromTPMPublic(context_, index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &handle));
  must("Esys_NV_UndefineSpace",
       Esys_NV_UndefineSpace(context_, ESYS_TR_RH_OWNER, handle, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                             ESYS_TR_NONE));
}

ESYS_TR Esys::started(ESYS_TR key, Session session, TPM2_SE kind) {
  TPMT_SYM_DEF symmetric{};
  symmetric.algorithm = TPM2_ALG_AES;
  symmetric.keyBits.aes = 128;
  symmetric.mode.aes = TPM2_ALG_CFB;
  ESYS_TR handle = ESYS_TR_NONE;
  must("Esys_StartAuthSession",
       Esys_StartAuthSession(context_, key, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                             nullptr, kind, &symmetric, TPM2_ALG_SHA256, &handle));
  TPMA_SESSION attributes = TPMA_SESSION_CONTINUESESSION;
  if (session == Session::HmacWithEncryption) attributes |= TPMA_SESSION_ENCRYPT;
  must("Esys_TRSess_SetAttributes", Esys_TRSess_SetAttributes(context_, handle, attributes, 0xff));
  return handle;
}

void Esys::flush(ESYS_TR handle) {
  must("Esys_FlushContext", Esys_FlushContext(context_, handle));
}

TPMT_SIGNATURE Esys::sign(ESYS_TR key, ESYS_TR session, ByteView digest,
                          const TPMT_SIG_SCHEME& scheme) {
  auto hash = sized_of<TPM2B_DIGEST>(digest);
  TPMT_TK_HASHCHECK ticket{};
  ticket.tag = TPM2_ST_HASHCHECK;
  ticket.hierarchy = TPM2_RH_NULL;
  TPMT_SIGNATURE* signature = nullptr;
  must("Esys_Sign", Esys_Sign(context_, key, session, ESYS_TR_NONE, ESYS_TR_NONE, &hash, &scheme,
                              &ticket, &signature));
  return *OwnedByEsys<TPMT_SIGNATURE>(signature);
}

bool Esys::verifies(ESYS_TR key, ByteView digest, const TPMT_SIGNATURE& signature) {
  auto hash = sized_of<TPM2B_DIGEST>(digest);
  TPMT_TK_VERIFIED* ticket = nullptr;
  TSS2_RC code = Esys_VerifySignature(context_, key, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                      &hash, &signature, &ticket);
  Esys_Free(ticket);
  return code == TSS2_RC_SUCCESS;
}

Bytes Esys::rsa_encrypt(ESYS_TR key, ByteView plaintext, const TPMT_RSA_DECRYPT& scheme) {
  auto in = sized_of<TPM2B_PUBLIC_KEY_RSA>(plaintext);
  TPM2B_DATA label{};
  TPM2B_PUBLIC_KEY_RSA* out = nullptr;
  must("Esys_RSA_Encrypt", Esys_RSA_Encrypt(context_, key, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                            &in, &scheme, &label, &out));
  return bytes_of_sized(*OwnedByEsys<TPM2B_PUBLIC_KEY_RSA>(out));
}

Bytes Esys::rsa_decrypt(ESYS_TR key, ESYS_TR session, ByteView ciphertext,
                        const TPMT_RSA_DECRYPT& scheme) {
  auto in = sized_of<TPM2B_PUBLIC_KEY_RSA>(ciphertext);
  TPM2B_DATA label{};
  TPM2B_PUBLIC_KEY_RSA* out = nullptr;
  must("Esys_RSA_Decrypt", Esys_RSA_Decrypt(context_, key, session, ESYS_TR_NONE, ESYS_TR_NONE, &in,
                                            &scheme, &label, &out));
  return bytes_of_sized(*OwnedByEsys<TPM2B_PUBLIC_KEY_RSA>(out));
}

Bytes Esys::ecdh_z(ESYS_TR key, ESYS_TR session, ByteView x, ByteView y) {
  TPM2B_ECC_POINT peer{};
  if (!assign(peer.point.x, x) || !assign(peer.point.y, y)) std::abort();
  TPM2B_ECC_POINT* out = nullptr;
  must("Esys_ECDH_ZGen",
       Esys_ECDH_ZGen(context_, key, session, ESYS_TR_NONE, ESYS_TR_NONE, &peer, &out));
  return bytes_of_sized(OwnedByEsys<TPM2B_ECC_POINT>(out)->point.x);
}

void Esys::extend(ESYS_TR pcr, ByteView digest) {
  TPML_DIGEST_VALUES values{};
  values.count = 1;
  values.digests[0].hashAlg = TPM2_ALG_SHA256;
  std::ranges::copy(digest,
                    std::as_writable_bytes(std::span(values.digests[0].digest.sha256)).begin());
  must("Esys_PCR_Extend",
       Esys_PCR_Extend(context_, pcr, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &values));
}

tpm::Credential Esys::make_credential(ESYS_TR endorsement, ByteView name, ByteView secret) {
  auto enclosed = sized_of<TPM2B_DIGEST>(secret);
  TPM2B_NAME object{};
  object.size = static_cast<UINT16>(name.size());
  std::ranges::copy(name, std::as_writable_bytes(std::span(object.name)).begin());
  TPM2B_ID_OBJECT* blob = nullptr;
  TPM2B_ENCRYPTED_SECRET* seed = nullptr;
  must("Esys_MakeCredential", Esys_MakeCredential(context_, endorsement, ESYS_TR_NONE, ESYS_TR_NONE,
                                                  ESYS_TR_NONE, &enclosed, &object, &blob, &seed));
  OwnedByEsys<TPM2B_ID_OBJECT> owned_blob(blob);
  OwnedByEsys<TPM2B_ENCRYPTED_SECRET> owned_seed(seed);
  return {*blob, *seed};
}

Bytes Esys::activate_credential(ESYS_TR key, ESYS_TR session, ESYS_TR endorsement, ESYS_TR policy,
                                const tpm::Credential& credential) {
  TPM2B_DIGEST* enclosed = nullptr;
  must("Esys_ActivateCredential",
       Esys_ActivateCredential(context_, key, endorsement, session, policy, ESYS_TR_NONE,
                               &credential.blob, &credential.secret, &enclosed));
  return bytes_of_sized(*OwnedByEsys<TPM2B_DIGEST>(enclosed));
}

}  // namespace strongroom::testing
