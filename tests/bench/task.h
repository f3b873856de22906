// The requests that a load is mixed of.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/frame.h"

namespace strongroom::bench {

// As much as a body of 1 MiB leaves for the data after the rest of its message.
inline constexpr std::size_t kMegabyte = std::size_t{1024} * 1024 - 256;

// Names of the keys that the tasks use; prepare() makes them.
inline constexpr std::string_view kP256Key = "bench-p256";
inline constexpr std::string_view kRsaKey = "bench-rsa2048";
inline constexpr std::string_view kAesKey = "bench-aes256";

// What the known AES key, its nonce, every digest and every message are made of.
inline constexpr std::byte kFiller{0x5A};

std::string filler(std::size_t size);

struct Task {
  std::string name;
  Opcode opcode = Opcode::Ping;
  ProviderId provider = ProviderId::Core;
  Bytes body;
  std::size_t answer_size = 0;  // of a response's body
  bool is_answer_known = true;  // whether answers have that size
  bool makes_key = false;       // the body ends in kNameDigits digits that make the name unique
};

// Exits with code 2 for a name that is none of: ping, random, list-keys, sign-p256, sign-rsa2048,
// sign-p256-batch (64 at a time), hash-1m, aead-1m, generate-p256, generate-rsa4096, or of these
// one after "tpm-" or "token-", with keys in the device.
Task task_named(std::string_view name);

// Body and authentication of the `number`th request of a task by this user.
std::shared_ptr<const Bytes> body_and_auth(const Task& task, std::uint64_t number);

RequestHeader header_of(const Task& task, std::uint16_t flags, std::uint64_t session);

// Tasks that make the keys the others use, in order; AlreadyExists is as good as Success.
std::vector<Task> preparations(ProviderId provider);

Task export_public(std::string_view key, ProviderId provider);

}  // namespace strongroom::bench
