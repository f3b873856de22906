#include "service/dispatch/parts/operations_by_key.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/memory_reserve.h"

namespace strongroom {
namespace {

constexpr std::size_t kNotesBetweenSweeps = 1024;

}  // namespace

OpenOperation::Note OperationsByKey::note(std::uint64_t key,
                                          const std::shared_ptr<OpenOperations>& open) {
  auto note = std::make_shared<const char>();
  const std::lock_guard lock(mutex_);
  if (++notes_ % kNotesBetweenSweeps == 0) forget_those_that_are_gone();
  Places& places = places_[key];
  std::erase_if(places, &is_gone);
  places.push_back({.note = note, .open = open});
  return note;
}

void OperationsByKey::forget_those_that_are_gone() {
  std::erase_if(places_,
                [](const auto& entry) { return std::ranges::all_of(entry.second, &is_gone); });
}

std::size_t OperationsByKey::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t size = 0;
  for (const auto& [key, places] : places_)
    size += places.size();
  return size;
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
  for (const Place& place : places) {
    const std::shared_ptr<OpenOperations> open = place.open.lock();
    if (!open || is_gone(place)) continue;
    const bool is_told = attempt([&] {
      open->strand()->submit([open, key](Strand::Turn, Strand::When) { open->end_those_of(key); });
    });
    if (!is_told) log::warning("dispatch", "ending operations with a destroyed key: out of memory");
  }
}

}  // namespace strongroom
