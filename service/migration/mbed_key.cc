#include "service/migration/mbed_key.h"

#include <algorithm>
#include <array>
#include <ranges>

namespace strongroom::parsec {
namespace {

using Kind = psa::KeyType::Kind;

constexpr std::string_view kStorageMagic("PSA\0ITS", 8);
constexpr std::string_view kKeyMagic("PSA\0KEY", 8);

// PSA Crypto API 1.1 §9.1; families of curves are added to those of ECC.
struct Number {
  Kind kind;
  std::uint32_t number;
};
constexpr std::array kTypes = {
    Number{Kind::RawData, 0x1001},      Number{Kind::Hmac, 0x1100},
    Number{Kind::Derive, 0x1200},       Number{Kind::Aes, 0x2400},
    Number{Kind::Des, 0x2301},          Number{Kind::Camellia, 0x2403},
    Number{Kind::Arc4, 0x2002},         Number{Kind::Chacha20, 0x2004},
    Number{Kind::RsaPublicKey, 0x4001}, Number{Kind::RsaKeyPair, 0x7001},
    Number{Kind::EccKeyPair, 0x7100},   Number{Kind::EccPublicKey, 0x4100},
    Number{Kind::DhKeyPair, 0x7203},    Number{Kind::DhPublicKey, 0x4203},
};
// From SecpK1 on, in the order of psa::EccFamily.
constexpr std::array<std::uint32_t, 9> kFamilies = {0x17, 0x12, 0x1b, 0x27, 0x22,
                                                    0x2b, 0x30, 0x33, 0x41};

std::uint32_t number_of(const psa::KeyType& type) {
  const auto* row = std::ranges::find(kTypes, type.kind, &Number::kind);
  if (row == kTypes.end()) return 0;
  if (!type.curve_family) return row->number;
  const auto family = static_cast<std::size_t>(*type.curve_family) - 1;
  return family < kFamilies.size() ? row->number | kFamilies[family] : 0;
}

std::unexpected<Error> malformed(const char* what) {
  return fail(Status::PsaErrorDataCorrupt, what);
}

class Reader {
 public:
  explicit Reader(ByteView bytes) noexcept : rest_(bytes) {}

  Result<> magic(std::string_view expected) {
    ByteView bytes = TRY(take(expected.size()));
    if (text_of(bytes) == expected) return {};
    return malformed("it is no key of Mbed TLS");
  }
  Result<std::uint32_t> number(std::size_t size) {
    ByteView bytes = TRY(take(size));
    std::uint32_t value = 0;
    for (std::byte each : std::views::reverse(bytes))
      value = value << 8 | std::to_integer<std::uint32_t>(each);
    return value;
  }
  ByteView rest() const noexcept { return rest_; }

 private:
  Result<ByteView> take(std::size_t size) {
    if (size > rest_.size()) return malformed("it ends too early");
    ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  ByteView rest_;
};

// Its size, and flags that say nothing of the content.
Result<> skip_storage_header(Reader& reader) {
  TRY(reader.magic(kStorageMagic));
  const std::uint32_t size = TRY(reader.number(4));
  std::ignore = TRY(reader.number(4));
  if (size == reader.rest().size()) return {};
  return malformed("it is not as long as it says");
}

constexpr std::size_t kPolicySize = 3 * sizeof(std::uint32_t);  // usage, two algorithms

Result<FileKey> key_in(Reader& reader, const psa::KeyType& type) {
  TRY(skip_storage_header(reader));
  TRY(reader.magic(kKeyMagic));
  const std::uint32_t version = TRY(reader.number(4));
  if (version != 0) return malformed("it is of another version");
  std::ignore = TRY(reader.number(4));  // the lifetime
  const std::uint32_t number = TRY(reader.number(2));
  if (number != number_of(type)) return malformed("it holds a key of another type");
  FileKey key;
  key.bits = TRY(reader.number(2));
  for (std::size_t i = 0; i < kPolicySize / sizeof(std::uint32_t); ++i)
    std::ignore = TRY(reader.number(4));
  const std::uint32_t size = TRY(reader.number(4));
  if (size != reader.rest().size()) return malformed("it is not as long as it says");
  key.data = TRY(SecretBuffer::copy_of(reader.rest()));
  return key;
}

}  // namespace

Result<FileKey> parse_mbed_key(ByteView file, const psa::KeyType& type) {
  Reader reader(file);
  return key_in(reader, type);
}

}  // namespace strongroom::parsec
