// Makes a key in the service, signs with it, verifies, and sees that an altered message is noticed.
//
//   g++ -std=c++23 sign_and_verify.cc $(pkg-config --cflags --libs strongroom) -o sign_and_verify
//   ./sign_and_verify KEY
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <strongroom/client.h>

namespace {

using strongroom::ClientResult;
namespace psa = strongroom::psa;

constexpr psa::AsymmetricSignature kEcdsa = {
    .kind = psa::AsymmetricSignature::Kind::Ecdsa,
    .hash = psa::Hash::Sha256,
};

constexpr psa::KeyAttributes kSigningKey = {
    .type = {.kind = psa::KeyType::Kind::EccKeyPair, .curve_family = psa::EccFamily::SecpR1},
    .bits = 256,
    .usage = {.sign_message = true, .verify_message = true},
    .algorithm = kEcdsa,
};

int failed(std::string_view doing, const strongroom::ClientError& error) {
  std::cerr << doing << ": " << error.message() << '\n';
  return EXIT_FAILURE;
}

int sign_and_verify(strongroom::Client& client, std::string_view key) {
  ClientResult<> made = client.generate_key(key, kSigningKey);
  if (!made && made.error().status() != strongroom::Status::PsaErrorAlreadyExists)
    return failed("generating the key", made.error());

  auto signature = client.sign_message(key, kEcdsa, strongroom::view_of("Dear bank"));
  if (!signature) return failed("signing", signature.error());
  std::cout << "signed: " << signature->size() << " bytes\n";

  auto good = client.verify_message(key, kEcdsa, strongroom::view_of("Dear bank"), *signature);
  if (!good) return failed("verifying", good.error());
  std::cout << "as signed: verified\n";

  auto altered = client.verify_message(key, kEcdsa, strongroom::view_of("Dear Bob"), *signature);
  std::cout << "altered: "
            << (altered ? "verified" : strongroom::to_string(altered.error().status())) << '\n';
  return altered ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: sign_and_verify KEY\n";
    return EXIT_FAILURE;
  }
  ClientResult<strongroom::Client> client = strongroom::Client::open();
  if (!client) return failed("opening the client", client.error());
  return sign_and_verify(*client, argv[1]);
}
