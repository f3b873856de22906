#include "base/secret_buffer.h"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "base/declassified.h"

namespace strongroom {
namespace {

std::function<bool()>& reclaimer() {
  static std::function<bool()> reclaim;
  return reclaim;
}

bool belongs_on_secure_heap(std::size_t bytes) {
  return bytes <= SecretBuffer::kSecureHeapLimit && CRYPTO_secure_malloc_initialized() == 1;
}

void* allocate(std::size_t bytes) {
  if (!belongs_on_secure_heap(bytes)) return OPENSSL_zalloc(bytes);
  while (true) {
    if (void* memory = OPENSSL_secure_zalloc(bytes)) return memory;
    if (!reclaimer() || !reclaimer()()) return nullptr;
  }
}

}  // namespace

SecretBuffer::~SecretBuffer() {
  if (data_ == nullptr) return;
  if (CRYPTO_secure_allocated(data_) == 1)
    OPENSSL_secure_clear_free(data_, size_);
  else
    OPENSSL_clear_free(data_, size_);
}

Result<SecretBuffer> SecretBuffer::of_size(std::size_t bytes) {
  if (bytes == 0) return SecretBuffer();
  void* memory = allocate(bytes);
  if (memory == nullptr)
    return fail(Status::PsaErrorInsufficientMemory,
                fmt::format("allocating {} bytes of secret memory", bytes));
  return SecretBuffer(static_cast<std::byte*>(memory), bytes);
}

Result<SecretBuffer> SecretBuffer::copy_of(ByteView source) {
  SecretBuffer copy = TRY(of_size(source.size()));
  std::ranges::copy(source, copy.reveal_mutable().begin());
  return copy;
}

Result<SecretBuffer> SecretBuffer::random(std::size_t bytes) {
  SecretBuffer drawn = TRY(of_size(bytes));
  if (bytes == 0) return drawn;
  if (RAND_priv_bytes_ex(nullptr, octets(drawn.reveal_mutable()), bytes, 0) == 1) return drawn;
  unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  return fail(Status::PsaErrorInsufficientEntropy, fmt::format("RAND_priv_bytes_ex: {:#x}", code));
}

void SecretBuffer::shrink_to(std::size_t bytes) noexcept {
  wipe(reveal_mutable().subspan(bytes));
  size_ = bytes;
}

bool operator==(const SecretBuffer& a, const SecretBuffer& b) noexcept {
  return equal_in_constant_time(a.reveal(), b.reveal());
}

void set_secret_memory_reclaimer(std::function<bool()> reclaim) {
  reclaimer() = std::move(reclaim);
}

void wipe(MutableByteView bytes) noexcept {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

bool equal_in_constant_time(ByteView a, ByteView b) noexcept {
  return a.size() == b.size() && declassified(CRYPTO_memcmp(a.data(), b.data(), a.size())) == 0;
}

}  // namespace strongroom
