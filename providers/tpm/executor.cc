#include "providers/tpm/executor.h"

#include "base/log.h"

namespace strongroom::tpm {
namespace {

constexpr std::chrono::seconds kPatienceAtEnd{2};

}  // namespace

Executor::Executor(std::unique_ptr<Tpm> tpm) : shared_(std::make_shared<Shared>()) {
  shared_->tpm = std::move(tpm);
  thread_ = std::thread([shared = shared_] { work(shared); });
}

Executor::~Executor() {
  std::unique_lock lock(shared_->mutex);
  shared_->is_stopping = true;
  shared_->jobs.clear();
  shared_->changed.notify_all();
  bool has_ended =
      shared_->changed.wait_for(lock, kPatienceAtEnd, [this] { return shared_->has_ended; });
  lock.unlock();
  if (has_ended) {
    thread_.join();
    return;
  }
  log::warning("tpm", "the TPM does not answer; its thread is left to itself");
  thread_.detach();
}

void Executor::post(std::move_only_function<void(Tpm&)> job) {
  std::lock_guard lock(shared_->mutex);
  if (shared_->is_stopping) return;
  shared_->jobs.push_back(std::move(job));
  shared_->changed.notify_all();
}

void Executor::work(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  while (true) {
    shared->changed.wait(lock, [&] { return shared->is_stopping || !shared->jobs.empty(); });
    if (shared->is_stopping) break;
    auto job = std::move(shared->jobs.front());
    shared->jobs.pop_front();
    lock.unlock();
    job(*shared->tpm);
    job = nullptr;
    lock.lock();
  }
  lock.unlock();
  shared->tpm.reset();  // lets go of what it holds in the TPM
  lock.lock();
  shared->has_ended = true;
  shared->changed.notify_all();
}

std::unexpected<Error> Executor::late(std::chrono::milliseconds limit) {
  return fail(Status::PsaErrorCommunicationFailure,
              fmt::format("the TPM has not answered within {} ms", limit.count()));
}

}  // namespace strongroom::tpm
