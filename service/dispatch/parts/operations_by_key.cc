#include "service/dispatch/parts/operations_by_key.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/memory_reserve.h"

namespace strongroom {
namespace {

constexpr std::size_t kNotesBetweenSweeps = 1024;

bool is_gone(const std::weak_ptr<OpenOperations>& place) {
  return place.expired();
}

}  // namespace

void OperationsByKey::note(std::uint64_t key, const std::shared_ptr<OpenOperations>& open) {
  const std::lock_guard lock(mutex_);
  if (++notes_ % kNotesBetweenSweeps == 0) forget_those_that_are_gone();
  Places& places = places_[key];
  std::erase_if(places, &is_gone);
  const bool is_known = std::ranges::any_of(
      places, [&](const std::weak_ptr<OpenOperations>& place) { return place.lock() == open; });
  if (!is_known) places.emplace_back(open);
}

void OperationsByKey::forget_those_that_are_gone() {
  std::erase_if(places_,
                [](const auto& entry) { return std::ranges::all_of(entry.second, &is_gone); });
}

void OperationsByKey::end(std::uint64_t key) {
  Places places;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = places_.find(key); found != places_.end()) {
      places = std::move(found->second);
      places_.erase(found);
    }
  }
  for (const std::weak_ptr<OpenOperations>& place : places) {
    const std::shared_ptr<OpenOperations> open = place.lock();
    if (!open) continue;
    const bool is_told = attempt([&] {
      open->strand()->submit([open, key](Strand::Turn, Strand::When) { open->end_those_of(key); });
    });
    if (!is_told) log::warning("dispatch", "ending operations with a destroyed key: out of memory");
  }
}

}  // namespace strongroom
