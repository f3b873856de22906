#include "service/dispatch/parts/open_operations.h"

#include <cstring>

#include "base/secret_buffer.h"

namespace strongroom {

Result<std::uint64_t> OpenOperations::new_id() const {
  for (;;) {
    std::uint64_t id = 0;
    SecretBuffer random = TRY(in_context(SecretBuffer::random(sizeof id), "naming an operation"));
    std::memcpy(&id, random.reveal().data(), sizeof id);
    if (id != 0 && !operations_.contains(id)) return id;
  }
}

Result<std::uint64_t> OpenOperations::add(OpenOperation operation, Clock::time_point now) {
  if (operations_.size() >= kMost)
    return fail(Status::PsaErrorInsufficientMemory,
                fmt::format("{} operations of the connection are open", operations_.size()));
  std::uint64_t id = TRY(new_id());
  operations_.emplace(id, Entry{.operation = std::move(operation), .last_part = now});
  return id;
}

OpenOperation* OpenOperations::find(std::uint64_t id,
                                    const std::optional<ApplicationId>& application) noexcept {
  const auto found = operations_.find(id);
  if (found == operations_.end() || found->second.operation.application != application)
    return nullptr;
  return &found->second.operation;
}

void OpenOperations::put_back(Taken taken, Clock::time_point now) {
  taken.mapped().last_part = now;
  ++taken.mapped().operation.next_part;
  operations_.insert(std::move(taken));
}

void OpenOperations::end_those_of(std::uint64_t key) {
  std::erase_if(operations_, [key](const auto& entry) {
    const std::optional<OpenOperation::Key>& used = entry.second.operation.key;
    return used && used->serial == key;
  });
}

void OpenOperations::expire(Clock::time_point now) {
  std::erase_if(operations_,
                [now](const auto& entry) { return now - entry.second.last_part >= kExpiry; });
}

const std::shared_ptr<OpenOperations>& Session::operations(std::uint8_t provider) {
  std::shared_ptr<OpenOperations>& operations = by_provider_[provider];
  if (!operations) operations = std::make_shared<OpenOperations>();
  return operations;
}

void Session::expire(OpenOperations::Clock::time_point now) {
  for (const auto& [provider, operations] : by_provider_)
    if (const auto turn = operations->strand()->try_take()) operations->expire(now);
}

}  // namespace strongroom
