// Hashes, MACs, ciphers and AEADs. Vectors for keys that the provider does not offer are passed
// over; how many were not, the property "vectors" of the test's report says.
#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/published/vectors.h"

namespace strongroom::conformance {
namespace {

std::uint32_t bits_of(ByteView key) {
  return static_cast<std::uint32_t>(8 * key.size());
}

TEST_P(ProviderConformance, PublishedHashes) {
  int used = 0;
  Hasher* hasher = provider().hasher();
  if (hasher == nullptr) GTEST_SKIP() << GetParam().name << " hashes nothing";
  for (const PublishedVector& vector : vectors_in("hash.txt")) {
    SCOPED_TRACE(vector.place());
    auto digest = hasher->compute(vector.hash(), vector.bytes("input"));
    // Only where deprecated ones are.
    bool may_be_absent = vector.hash() == psa::Hash::Md4;
    if (may_be_absent && !digest) continue;
    ASSERT_THAT(digest, IsOk());
    ++used;
    EXPECT_EQ(to_hex(*digest), vector.text("digest"));
  }
  RecordProperty("vectors", used);
}

psa::Mac mac_of(const PublishedVector& vector) {
  std::optional<std::uint32_t> size;
  if (vector.has("truncated")) size = vector.number("truncated");
  if (vector.has("hash")) return {psa::Mac::Kind::Hmac, vector.hash(), size};
  return {psa::Mac::Kind::Cmac, std::nullopt, size};
}

TEST_P(ProviderConformance, PublishedMacs) {
  int used = 0;
  for (std::string_view file : {"hmac.txt", "cmac.txt"})
    for (const PublishedVector& vector : vectors_in(file)) {
      SCOPED_TRACE(vector.place());
      psa::Mac algorithm = mac_of(vector);
      psa::KeyType type = vector.has("hash") ? kHmac : vector.text("type") == "des" ? kDes : kAes;
      Bytes data = vector.bytes("key");
      if (!can(Capability::Import, type, bits_of(data), algorithm)) continue;
      ++used;
      auto key = imported(attributes_of(type, bits_of(data), algorithm), data);
      ASSERT_NE(key, nullptr);
      auto mac = provider().mac()->compute(*key, algorithm, vector.bytes("input"));
      ASSERT_THAT(mac, IsOk());
      EXPECT_EQ(to_hex(*mac), vector.text("mac"));
      EXPECT_THAT(
          provider().mac()->verify(*key, algorithm, vector.bytes("input"), vector.bytes("mac")),
          IsOk());
    }
  RecordProperty("vectors", used);
}

psa::Cipher cipher_named(std::string_view mode) {
  if (mode == "ctr") return psa::Cipher::Ctr;
  if (mode == "cfb") return psa::Cipher::Cfb;
  if (mode == "ofb") return psa::Cipher::Ofb;
  if (mode == "xts") return psa::Cipher::Xts;
  if (mode == "ecb") return psa::Cipher::EcbNoPadding;
  if (mode == "stream") return psa::Cipher::StreamCipher;
  return psa::Cipher::CbcNoPadding;
}

// The IV of an encryption is the provider's choice, so that decryption alone has known answers;
// where there is none, encryption has them, too.
TEST_P(ProviderConformance, PublishedCiphertexts) {
  int used = 0;
  for (const auto& [file, type] : {std::pair("aes.txt", kAes),
                                   {"des.txt", kDes},
                                   {"camellia.txt", kCamellia},
                                   {"chacha20.txt", kChacha20},
                                   {"arc4.txt", kArc4}})
    for (const PublishedVector& vector : vectors_in(file)) {
      SCOPED_TRACE(vector.place());
      psa::Cipher algorithm = cipher_named(vector.text("mode"));
      Bytes data = vector.bytes("key");
      if (!can(Capability::Import, type, bits_of(data), algorithm)) continue;
      ++used;
      auto key = imported(attributes_of(type, bits_of(data), algorithm), data);
      ASSERT_NE(key, nullptr);
      Bytes ciphertext = vector.bytes("iv");
      for (std::byte octet : vector.bytes("ciphertext"))
        ciphertext.push_back(octet);
      auto plaintext = provider().cipher()->decrypt(*key, algorithm, ciphertext);
      ASSERT_THAT(plaintext, IsOk());
      EXPECT_EQ(to_hex(plaintext->reveal()), vector.text("plaintext"));
      if (!vector.text("iv").empty()) continue;
      auto again = provider().cipher()->encrypt(*key, algorithm, plaintext->reveal());
      ASSERT_THAT(again, IsOk());
      EXPECT_EQ(to_hex(*again), vector.text("ciphertext"));
    }
  RecordProperty("vectors", used);
}

// The additional data, which one record says once for many times.
Bytes additional_data_of(const PublishedVector& vector) {
  Bytes once = vector.bytes("aad");
  Bytes data = once;
  for (std::uint32_t times = 1; times < vector.number("aad_times"); ++times)
    data.insert(data.end(), once.begin(), once.end());
  return data;
}

psa::Aead aead_of(psa::Aead::Kind kind, std::size_t tag_size) {
  if (tag_size == psa::Aead::kDefaultTagSize) return {kind, std::nullopt};
  return {kind, static_cast<std::uint32_t>(tag_size)};
}

// Records without a plaintext are of a tag that does not match.
TEST_P(ProviderConformance, PublishedSealedTexts) {
  int used = 0;
  using enum psa::Aead::Kind;
  for (const auto& [file, kind, type] : {std::tuple("gcm.txt", Gcm, kAes),
                                         {"ccm.txt", Ccm, kAes},
                                         {"chacha20-poly1305.txt", Chacha20Poly1305, kChacha20}})
    for (const PublishedVector& vector : vectors_in(file)) {
      SCOPED_TRACE(vector.place());
      Bytes tag = vector.bytes("tag");
      psa::Aead algorithm = aead_of(kind, tag.size());
      Bytes data = vector.bytes("key");
      if (!can(Capability::Import, type, bits_of(data), algorithm)) continue;
      ++used;
      auto key = imported(attributes_of(type, bits_of(data), algorithm), data);
      ASSERT_NE(key, nullptr);
      Bytes nonce = vector.bytes("nonce");
      Bytes additional_data = additional_data_of(vector);
      const AeadInput input{.nonce = nonce, .additional_data = additional_data};
      Bytes sealed = vector.bytes("ciphertext");
      sealed.insert(sealed.end(), tag.begin(), tag.end());
      auto opened = provider().aead()->decrypt(*key, algorithm, input, sealed);
      if (!vector.has("plaintext")) {
        EXPECT_THAT(opened, FailsWith(Status::PsaErrorInvalidSignature));
        continue;
      }
      ASSERT_THAT(opened, IsOk());
      EXPECT_EQ(to_hex(opened->reveal()), vector.text("plaintext"));
      auto again = provider().aead()->encrypt(*key, algorithm, input, vector.bytes("plaintext"));
      ASSERT_THAT(again, IsOk());
      EXPECT_EQ(to_hex(*again), to_hex(sealed));
    }
  RecordProperty("vectors", used);
}

}  // namespace
}  // namespace strongroom::conformance
