#include "providers/provider_notes.h"

#include <future>
#include <memory>
#include <utility>

namespace strongroom {

// The promise is kept here, too: notes that end drop what they were told.
Result<> keep_and_wait(ProviderNotes& notes, std::string_view note, SecretBuffer content,
                       std::chrono::milliseconds patience) {
  const auto answer = std::make_shared<std::promise<Result<>>>();
  std::future<Result<>> kept = answer->get_future();
  notes.keep(note, std::move(content),
             [answer](Result<> told) { answer->set_value(std::move(told)); });
  if (kept.wait_for(patience) == std::future_status::ready) return kept.get();
  return fail(Status::ConnectionError, "the store did not answer in time");
}

}  // namespace strongroom
