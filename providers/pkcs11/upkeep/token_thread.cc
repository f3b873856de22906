#include "providers/pkcs11/upkeep/token_thread.h"

#include <system_error>
#include <utility>

namespace strongroom::pkcs11 {
namespace {

constexpr std::chrono::seconds kPatience{2};

}  // namespace

Result<std::shared_ptr<TokenThread>> TokenThread::start(std::shared_ptr<UpkeptDevice> device) {
  auto shared = std::make_shared<Shared>(std::move(device));
  std::shared_ptr<TokenThread> made(new TokenThread(shared));
  try {
    made->thread_ = std::thread([shared] { shared->work(); });
  } catch (const std::system_error& error) {
    return fail(Status::ConnectionError,
                fmt::format("starting the thread for a token: {}", error.what()));
  }
  return made;
}

void TokenThread::end() {
  if (!thread_.joinable()) return;
  close();
  std::unique_lock lock(shared_->mutex);
  shared_->is_stopping = true;
  shared_->changed.notify_all();
  const bool is_own = thread_.get_id() == std::this_thread::get_id();
  if (is_own ||
      !shared_->changed.wait_for(lock, kPatience, [this] { return shared_->has_ended; })) {
    thread_.detach();
    return;
  }
  lock.unlock();
  thread_.join();
}

void TokenThread::post(Job job, Clock::time_point when) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->is_closed) return;
  shared_->jobs.emplace(when, std::move(job));
  shared_->changed.notify_all();
}

void TokenThread::close() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->is_closed = true;
  }
  shared_->drop_jobs();
  shared_->device->close();
}

// What they hold may be the last of something that posts when it ends.
void TokenThread::Shared::drop_jobs() {
  std::multimap<Clock::time_point, Job> dropped;
  const std::lock_guard lock(mutex);
  dropped.swap(jobs);
}

DeviceThread::Job TokenThread::Shared::next() {
  std::unique_lock lock(mutex);
  while (!is_stopping) {
    if (jobs.empty()) {
      changed.wait(lock);
      continue;
    }
    const Clock::time_point due = jobs.begin()->first;
    if (due <= Clock::now()) return std::move(jobs.extract(jobs.begin()).mapped());
    changed.wait_until(lock, due);
  }
  return {};
}

void TokenThread::Shared::work() {
  while (Job job = next())
    job(*device);
  const std::lock_guard lock(mutex);
  has_ended = true;
  changed.notify_all();
}

}  // namespace strongroom::pkcs11
