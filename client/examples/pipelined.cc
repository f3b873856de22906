// Signs a hundred messages with one connection and one thread: all are asked for before the first
// is answered.
//
//   g++ -std=c++23 pipelined.cc $(pkg-config --cflags --libs strongroom) -o pipelined
//   ./pipelined KEY
//
// KEY is one that sign_and_verify made.
#include <cstdlib>
#include <iostream>
#include <poll.h>
#include <string>
#include <string_view>
#include <strongroom/async_client.h>

namespace {

namespace psa = strongroom::psa;
using strongroom::Bytes;
using strongroom::ClientResult;

constexpr int kMessages = 100;
constexpr psa::AsymmetricSignature kEcdsa = {
    .kind = psa::AsymmetricSignature::Kind::Ecdsa,
    .hash = psa::Hash::Sha256,
};

struct Tally {
  int succeeded = 0;
  int failed = 0;

  void operator()(const ClientResult<Bytes>& signature) {
    if (signature) {
      ++succeeded;
      return;
    }
    ++failed;
    std::cerr << signature.error().message() << '\n';
  }
  bool is_complete() const { return succeeded + failed == kMessages; }
};

Tally sign_all(strongroom::AsyncClient& client, std::string_view key) {
  Tally tally;
  for (int i = 0; i < kMessages; ++i) {
    std::string message = "message " + std::to_string(i);
    auto started =
        client.start(strongroom::requests::sign_message(key, kEcdsa, strongroom::view_of(message)),
                     [&tally](const ClientResult<Bytes>& signature) { tally(signature); });
    if (!started) tally(std::unexpected(started.error()));
  }
  pollfd polled = {.fd = client.descriptor(), .events = POLLIN, .revents = 0};
  while (!tally.is_complete() && ::poll(&polled, 1, -1) >= 0)
    client.process();
  return tally;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: pipelined KEY\n";
    return EXIT_FAILURE;
  }
  ClientResult<strongroom::AsyncClient> client = strongroom::AsyncClient::open();
  if (!client) {
    std::cerr << "opening the client: " << client.error().message() << '\n';
    return EXIT_FAILURE;
  }
  Tally tally = sign_all(*client, argv[1]);
  std::cout << "signed " << tally.succeeded << ", failed " << tally.failed << '\n';
  return tally.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
