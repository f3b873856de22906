// Whoever has taken over the service sends a worker any bytes. What the worker reads of them is
// what a service could have said, and it goes on or ends in order.
//
// The first byte of an input says whether the rest is read by the worker's server, message after
// message, or as its first message.

#include <array>
#include <cstdlib>
#include <sys/socket.h>

#include "base/log.h"
#include "providers/software/software_provider.h"
#include "providers/token_worker/worker/serve.h"

namespace strongroom::token_worker {
namespace {

constexpr std::size_t kMost = 32'768;

// Software in the place of the token.
class SoftwareBackend final : public pkcs11::TokenBackend {
 public:
  const ProviderDescription& description() const noexcept override {
    return software_->description();
  }
  Result<> supports(Capability capability, const psa::KeyAttributes& attributes) const override {
    return software_->supports(capability, attributes);
  }
  KeyManager* keys() noexcept override { return nullptr; }
  Signer* signer() noexcept override { return software_->signer(); }
  Encrypter* encrypter() noexcept override { return software_->encrypter(); }
  AeadCipher* aead() noexcept override { return software_->aead(); }
  Cipher* cipher() noexcept override { return software_->cipher(); }
  MacSigner* mac() noexcept override { return software_->mac(); }
  KeyAgreer* key_agreer() noexcept override { return software_->key_agreer(); }
  RandomSource* random() noexcept override { return nullptr; }
  Result<pkcs11::TokenIdentity> identity() override { return pkcs11::TokenIdentity(); }
  bool is_login_stopped() const override { return false; }
  void allow_login() override {}

 private:
  std::unique_ptr<SoftwareProvider> software_ = *SoftwareProvider::create("fuzz");
};

void read_first_message(ByteView content) {
  Reader reader(content);
  const Start start = take_value(reader, as<Start>);
  if (!reader.is_complete()) return;
  WipedBytes again;
  Writer writer(again);
  put_value(writer, start);
  if (!std::ranges::equal(again.view(), content)) std::abort();
}

void let_serve(ByteView stream) {
  static SoftwareBackend backend;
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
  UniqueFd service(ends[1]);
  Link link{UniqueFd(ends[0]), kMost};
  if (::send(service.get(), stream.data(), stream.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(stream.size()))
    std::abort();
  ::shutdown(service.get(), SHUT_WR);
  std::ignore = serve(backend, link);
}

}  // namespace
}  // namespace strongroom::token_worker

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace strongroom;
  log::set_level(log::Level::Off);
  if (size < 2 || size > token_worker::kMost) return 0;
  const ByteView rest = std::as_bytes(std::span(data, size).subspan(1));
  if (data[0] % 2 == 0)
    token_worker::let_serve(rest);
  else
    token_worker::read_first_message(rest);
  return 0;
}
