// Files of PEM blocks (RFC 7468), one for each part.
#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "client/attestation/reader.h"

namespace strongroom::attestation {
namespace {

constexpr std::size_t kMostText = std::size_t{64} * 1024;
// More than one TPM's banks have registers.
constexpr std::size_t kMostRegisters = 24 * 16;

constexpr const char* kAttest = "TPM ATTEST";
constexpr const char* kSignature = "TPM SIGNATURE";
constexpr const char* kAttestationKey = "TPM ATTESTATION KEY";
constexpr const char* kKey = "TPM KEY";
constexpr const char* kRegister = "TPM REGISTER";
constexpr const char* kName = "TPM NAME";
constexpr const char* kEndorsementKey = "RSA PUBLIC KEY";
constexpr const char* kCredential = "TPM CREDENTIAL";
constexpr const char* kSecret = "TPM ENCRYPTED SECRET";

struct TextRelease {
  void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
  void operator()(char* text) const noexcept { OPENSSL_free(text); }
  void operator()(unsigned char* bytes) const noexcept { OPENSSL_free(bytes); }
};
using OwnedBio = std::unique_ptr<BIO, TextRelease>;

struct Block {
  std::string label;
  Bytes content;
};

// False at the end of the text, and where it is no block.
bool read_block(BIO* bio, Block& block) {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(bio, &name, &header, &data, &size) != 1) return false;
  const std::unique_ptr<char, TextRelease> owned_name(name);
  const std::unique_ptr<char, TextRelease> owned_header(header);
  const std::unique_ptr<unsigned char, TextRelease> owned_data(data);
  block.label = name;
  block.content = copy_of(std::as_bytes(std::span(data, static_cast<std::size_t>(size))));
  return true;
}

Verified<std::vector<Block>> blocks_in(std::string_view text) {
  if (text.empty()) return failure(Field::Structure, "an empty text");
  if (text.size() > kMostText) return failure(Field::Structure, "a text of more than 64 KiB");
  OwnedBio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) return failure(Field::Structure, "libcrypto has no memory for it");
  std::vector<Block> blocks;
  for (Block block; read_block(bio.get(), block);)
    blocks.push_back(std::move(block));
  // Its end is where no block starts any more.
  bool is_whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!is_whole) return failure(Field::Structure, "a damaged PEM block");
  return blocks;
}

// The blocks that a text consists of; what is not known is skipped.
class Parts {
 public:
  static Verified<Parts> in(std::string_view text) {
    Parts parts;
    parts.blocks_ = TRY(blocks_in(text));
    return parts;
  }

  // Empty when there is none. Two of a kind are one too many.
  Verified<Bytes> only(const char* label) const {
    const Block* found = nullptr;
    for (const Block& block : blocks_) {
      if (block.label != label) continue;
      if (found != nullptr)
        return failure(Field::Structure, std::string("two blocks of '") + label + "'");
      found = &block;
    }
    return found == nullptr ? Bytes() : found->content;
  }
  Verified<Bytes> needed(const char* label) const {
    auto content = TRY(only(label));
    if (content.empty())
      return failure(Field::Structure, std::string("no block of '") + label + "'");
    return content;
  }
  std::vector<Bytes> all(const char* label) const {
    std::vector<Bytes> found;
    for (const Block& block : blocks_)
      if (block.label == label) found.push_back(block.content);
    return found;
  }

 private:
  std::vector<Block> blocks_;
};

void add(std::string& text, const char* label, ByteView content) {
  if (content.empty()) return;
  OwnedBio bio(BIO_new(BIO_s_mem()));
  char* start = nullptr;
  if (!bio ||
      PEM_write_bio(bio.get(), label, "", octets(content), static_cast<long>(content.size())) <= 0)
    return;
  const long size = BIO_get_mem_data(bio.get(), &start);
  text.append(start, static_cast<std::size_t>(size));
}

}  // namespace

std::string to_text(const Evidence& evidence) {
  std::string text;
  add(text, kAttest, evidence.attest);
  add(text, kSignature, evidence.signature);
  add(text, kAttestationKey, evidence.attestation_key);
  add(text, kKey, evidence.key);
  for (const Bytes& value : evidence.registers)
    add(text, kRegister, value);
  return text;
}

std::string to_text(const Identity& identity) {
  std::string text;
  add(text, kName, identity.name);
  add(text, kKey, identity.key);
  add(text, kEndorsementKey, identity.endorsement_key);
  return text;
}

std::string to_text(const Challenge& challenge) {
  std::string text;
  add(text, kCredential, challenge.credential);
  add(text, kSecret, challenge.secret);
  return text;
}

Verified<Evidence> evidence_in(std::string_view text) {
  auto parts = TRY(Parts::in(text));
  Evidence evidence;
  evidence.attest = TRY(parts.needed(kAttest));
  evidence.signature = TRY(parts.needed(kSignature));
  evidence.attestation_key = TRY(parts.needed(kAttestationKey));
  evidence.key = TRY(parts.only(kKey));
  evidence.registers = parts.all(kRegister);
  if (evidence.registers.size() > kMostRegisters)
    return failure(Field::Structure, "more registers than a TPM has");
  return evidence;
}

Verified<Identity> identity_in(std::string_view text) {
  auto parts = TRY(Parts::in(text));
  Identity identity;
  identity.name = TRY(parts.needed(kName));
  identity.key = TRY(parts.needed(kKey));
  identity.endorsement_key = TRY(parts.needed(kEndorsementKey));
  return identity;
}

Verified<Challenge> challenge_in(std::string_view text) {
  auto parts = TRY(Parts::in(text));
  Challenge challenge;
  challenge.credential = TRY(parts.needed(kCredential));
  challenge.secret = TRY(parts.needed(kSecret));
  return challenge;
}

}  // namespace strongroom::attestation
