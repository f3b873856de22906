#include "tests/fault/key_book.h"

#include <array>

#include "tests/support/attributes.h"
#include "tests/support/matchers.h"

namespace strongroom::testing {
namespace {

constexpr std::size_t kPool = 12;

// Both are cheap to make. The name tells which.
bool is_ecc(const std::string& name) {
  return name.back() % 2 == 0;
}

psa::KeyAttributes attributes_of(const std::string& name) {
  return is_ecc(name) ? ecc_pair() : key_of(psa::KeyType::Kind::Aes, 128, kAesGcm);
}

ClientResult<Bytes> public_key_that_signs(Client& client, const std::string& name) {
  const std::array<std::byte, 32> hash{};
  Bytes signature = TRY(client.sign_hash(name, kEcdsaSha256, hash));
  TRY(client.verify_hash(name, kEcdsaSha256, hash, signature));
  return client.export_public_key(name);
}

// Never do this: it encrypts twice under one nonce, to see that the key is the same.
ClientResult<Bytes> ciphertext_of_zeros(Client& client, const std::string& name) {
  const std::array<std::byte, 12> nonce{};
  const std::array<std::byte, 16> plaintext{};
  return client.aead_encrypt(name, kAesGcm, nonce, {}, plaintext);
}

}  // namespace

Client client_of(const std::string& socket) {
  ClientResult<Client> client = Client::open({.endpoint = socket,
                                              .application_name = {},
                                              .provider = ProviderId::Software,
                                              .trust_any_socket = true});
  EXPECT_THAT(client, IsOk());
  return *std::move(client);
}

ClientResult<Bytes> fingerprint_of(Client& client, const std::string& name) {
  return is_ecc(name) ? public_key_that_signs(client, name) : ciphertext_of_zeros(client, name);
}

KeyBook::KeyBook(const std::string& socket, std::string prefix, unsigned seed)
    : client_(client_of(socket)), prefix_(std::move(prefix)), random_(seed) {
  for (std::size_t i = 0; i < kPool; ++i)
    entries_.try_emplace(name(i));
}

std::string KeyBook::name(std::size_t number) const {
  return fmt::format("{}-{:02}", prefix_, number);
}

bool KeyBook::step() {
  const std::string chosen = name(random_() % kPool);
  return entries_.at(chosen).state == State::Absent ? create(chosen) : destroy(chosen);
}

bool KeyBook::create(const std::string& name) {
  Entry& entry = entries_.at(name);
  if (!note(client_.generate_key(name, attributes_of(name)), entry, State::Present)) return false;
  if (entry.state != State::Present) return true;
  ClientResult<Bytes> fingerprint = fingerprint_of(client_, name);
  if (!fingerprint) return false;
  entry.fingerprint = *std::move(fingerprint);
  return true;
}

bool KeyBook::destroy(const std::string& name) {
  Entry& entry = entries_.at(name);
  const bool is_answered = note(client_.destroy_key(name), entry, State::Absent);
  if (entry.state == State::Absent) entry.fingerprint.clear();
  return is_answered;
}

bool KeyBook::note(const ClientResult<>& outcome, Entry& entry, State wanted) {
  if (outcome) {
    entry.state = wanted;
    ++acknowledged_;
    return true;
  }
  const ClientError& error = outcome.error();
  if (error.source() == ErrorSource::Endpoint) return false;  // nothing was sent
  entry.state = State::InDoubt;
  ++doubtful_;
  if (error.source() != ErrorSource::Service) return false;
  EXPECT_EQ(error.status(), Status::KeyInfoManagerError) << error.message();
  return true;
}

void KeyBook::verify() {
  for (auto& [name, entry] : entries_)
    verify(name, entry);
}

void KeyBook::verify(const std::string& name, Entry& entry) {
  ClientResult<Bytes> fingerprint = fingerprint_of(client_, name);
  if (!fingerprint) {
    ASSERT_THAT(fingerprint, FailsWith(Status::PsaErrorDoesNotExist)) << name;
    ASSERT_NE(entry.state, State::Present) << "acknowledged, but lost: " << name;
    if (entry.state == State::InDoubt) take_name(name, entry);
    return;
  }
  ASSERT_NE(entry.state, State::Absent) << "destroyed, but there: " << name;
  EXPECT_TRUE(entry.fingerprint.empty() || entry.fingerprint == *fingerprint)
      << "another key: " << name;
  entry = {State::Present, *std::move(fingerprint)};
}

void KeyBook::take_name(const std::string& name, Entry& entry) {
  ASSERT_THAT(client_.generate_key(name, attributes_of(name)), IsOk()) << "not free: " << name;
  ClientResult<Bytes> fingerprint = fingerprint_of(client_, name);
  ASSERT_THAT(fingerprint, IsOk()) << name;
  entry = {State::Present, *std::move(fingerprint)};
}

std::set<std::string> KeyBook::present() const {
  std::set<std::string> names;
  for (const auto& [name, entry] : entries_)
    if (entry.state == State::Present) names.insert(name);
  return names;
}

}  // namespace strongroom::testing
