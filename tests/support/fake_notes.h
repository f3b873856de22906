// A provider's notes in memory, which may be slow, full or unreadable.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "providers/provider_notes.h"

namespace strongroom::testing {

class FakeNotes final : public ProviderNotes {
 public:
  // Every later call fails with this; Success ends that.
  void fail_with(Status status) {
    with_lock([&] { failure_ = status; });
  }
  // Notes are written, but nobody is told before tell().
  void hold() {
    with_lock([&] { is_holding_ = true; });
  }
  void tell() {
    std::vector<Done> held;
    with_lock([&] {
      is_holding_ = false;
      held.swap(held_);
    });
    for (Done& done : held)
      done({});
  }
  bool has(const std::string& note) {
    std::lock_guard lock(mutex_);
    return notes_.contains(note);
  }

  void lose(const std::string& note) {
    with_lock([&] { notes_.erase(note); });
  }
  void absence_is(Absence absence) { absence_ = absence; }

  Result<Absence> absence() override { return absence_.load(); }
  Result<std::optional<SecretBuffer>> recall(std::string_view note) override {
    std::lock_guard lock(mutex_);
    if (failure_ != Status::Success) return fail(failure_, "told to fail");
    auto found = notes_.find(note);
    if (found == notes_.end()) return std::nullopt;
    return TRY(SecretBuffer::copy_of(found->second));
  }
  void keep(std::string_view note, SecretBuffer content, Done done) override {
    change([&] { notes_.insert_or_assign(std::string(note), copy_of(content.reveal())); },
           std::move(done));
  }
  void forget(std::string_view note, Done done) override {
    change([&] { notes_.erase(std::string(note)); }, std::move(done));
  }

 private:
  template <typename Change>
  void with_lock(Change change) {
    std::lock_guard lock(mutex_);
    change();
  }
  template <typename Change>
  void change(Change change, Done done) {
    {
      std::lock_guard lock(mutex_);
      if (failure_ == Status::Success) {
        change();
        if (is_holding_) return held_.push_back(std::move(done));
      }
    }
    if (failure_ == Status::Success)
      done({});
    else
      done(fail(failure_, "told to fail"));
  }

  std::mutex mutex_;
  std::map<std::string, Bytes, std::less<>> notes_;
  std::vector<Done> held_;
  std::atomic<Status> failure_ = Status::Success;
  std::atomic<Absence> absence_ = Absence::NeverKept;
  bool is_holding_ = false;
};

}  // namespace strongroom::testing
